/* Owns the words of quote_words.h. Never decides anything. Tests: t/unit/mail_quote.c */
#include "mail/quote_words.h"

#include <stddef.h>

#include "base/banned.h"

const struct quote_attribution quote_attributions[] = {{"On ", "wrote"}, {"On ", "writes"}, {"On ", "said"},
	{"Am ", "schrieb"}, {"Le ", "écrit"}, {"El ", "escribió"}, {"El ", "escribio"}, {"Il ", "scritto"},
	{"Op ", "schreef"}, {"Op ", "geschreven"}, {"Em ", "escreveu"}, {"A ", "escreveu"}, {"Den ", "skrev"},
	{"På ", "skrev"}, {"W dniu ", "pisze"}, {"W dniu ", "napisał"}, {"Dnia ", "napisał"}, {"Dne ", "napsal"},
	{"Pe ", "scris"}, {"În ", "scris"}, {"În data", "scris"}, {"Στις ", "έγραψε"}, {"В ", "пишет"},
	{"от ", "написа"}, {"在", "写道"}, {"於", "寫道"}, {"", "のメール"}, {NULL, NULL}};

const char *const quote_verbs[] = {" wrote", " writes", " said", " schrieb", " écrit", " escribió", " scritto",
	" schreef", " escreveu", " skrev", " napisał", " pisze", " пишет", " написал", "写道", "寫道", NULL};

const char *const quote_from[] = {"From", "Von", "De", "Da", "Van", "Från", "Fra", "Od", "Lähettäjä", "Feladó",
	"Kimden", "Gönderen", "От", "Від", "Από", "发件人", "寄件者", "差出人", "보낸 사람", NULL};

const char *const quote_date[] = {"Sent", "Date", "Gesendet", "Datum", "Envoyé", "Enviado el", "Enviado", "Fecha",
	"Inviato", "Data", "Verzonden", "Skickat", "Sendt", "Dato", "Wysłano", "Lähetetty", "Elküldve", "Odesláno",
	"Gönderildi", "Дата", "Отправлено", "Надіслано", "Εστάλη", "发送时间", "日期", "寄件日期", "送信日時",
	"보낸 날짜", NULL};

const char *const quote_to[] = {"To", "An", "À", "Para", "A", "Aan", "Till", "Til", "Do", "Komu", "Vastaanottaja",
	"Címzett", "Kime", "Alıcı", "Кому", "Προς", "收件人", "收件者", "宛先", "받는 사람", NULL};

const char *const quote_subject[] = {"Subject", "Betreff", "Objet", "Asunto", "Oggetto", "Onderwerp", "Ämne", "Emne",
	"Assunto", "Temat", "Předmět", "Aihe", "Tárgy", "Konu", "Тема", "Θέμα", "主题", "主旨", "件名", "제목", NULL};

const char *const quote_originals[] = {"Original Message", "Original Appointment", "Ursprüngliche Nachricht",
	"Original-Nachricht", "Originalnachricht", "Message d'origine", "Message d’origine", "Message original",
	"Mensaje original", "Messaggio originale", "Oorspronkelijk bericht", "Mensagem original",
	"Ursprungligt meddelande", "Opprinnelig melding", "Oprindelig meddelelse", "Alkuperäinen viesti",
	"Oryginalna wiadomość", "Исходное сообщение", "原始邮件", "邮件原件", "元のメッセージ", NULL};

const char *const quote_forwards[] = {"Forwarded message", "Forwarded by", "Forwarded letter",
	"Weitergeleitete Nachricht", "Weitergeleitet von", "Message transféré", "Mensaje reenviado",
	"Messaggio inoltrato", "Doorgestuurd bericht", "Mensagem encaminhada", "Mensagem reencaminhada",
	"Vidarebefordrat meddelande", "Videresendt", "Przekazana wiadomość", "Пересылаемое сообщение", "转发的邮件",
	"轉寄郵件", "転送メッセージ", NULL};

const char *const quote_forward_begins[] = {"Begin forwarded message", "Anfang der weitergeleiteten",
	"Début du message", "Inizio messaggio inoltrato", "Inicio del mensaje reenviado", "Begin doorgestuurd bericht",
	"Início da mensagem", NULL};

const char *const quote_devices[] = {"Sent from my ", "Sent from Mail for", "Sent from Outlook", "Sent from Gmail",
	"Sent from Yahoo", "Sent from Samsung", "Sent from Proton", "Sent via ", "Get Outlook for", "Von meinem ",
	"Gesendet von ", "Envoyé de mon", "Envoyé depuis", "Obtenir Outlook pour", "Enviado desde mi", "Enviado do meu",
	"Inviato da ", "Verstuurd vanaf mijn", "Skickat från min", "Outlook für ", "Holen Sie sich Outlook", NULL};

const char *const quote_inside[] = {"inline", "in-line", "in line with your", "interleaved", "comments below",
	"answers below", "replies below", "responses below", "see below", "in red", "in blue", "in bold", "in green",
	"my comments", "im Text", "siehe unten", "voir ci-dessous", "ci-dessous", NULL};
