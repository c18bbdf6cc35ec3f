/* Owns the words of the demo's mail. Nobody in it exists. Tests: t/unit/demo_seed.c */
#include "demo/plots.h"

const struct plot plots[] = {
	{"Larkspur Capital Fund II - introduction", 0,
		{{WE, 0,
			 "Thank you for making time at the conference in $C last week. As promised, a short "
			 "introduction to Larkspur.\n\n"
			 "We are raising Fund II, a 150 million vehicle that backs industrial software companies in "
			 "their first two "
			 "institutional rounds. Fund I stands at 2.4x net after four years.\n\nWould a 30 minute call "
			 "next week suit you?",
			 NULL, 0},
			{THEY, 26,
				"Good to hear from you. The strategy fits what $F has been looking for on the venture "
				"side.\n\n"
				"Tuesday at 15:00 or Thursday morning works for me.",
				NULL, 0},
			{WE, 5,
				"Tuesday at 15:00 is perfect. I will send a dial-in. The teaser is attached so that "
				"you have the numbers "
				"in front of you.",
				"Larkspur-Fund-II-teaser.pdf", WITH_IR},
			{THEY, 20, "Received, thank you. Speak on Tuesday.", NULL, 0}}},
	{"Introduction from a mutual friend", 0,
		{{THEY, 0,
			 "Peter at Elm Court suggested that we speak. We are building out our venture programme and he "
			 "spoke highly "
			 "of your Fund I.\n\nCould you send the deck and tell me when you expect to close?",
			 NULL, 0},
			{WE, 9,
				"Delighted that Peter made the link. The deck is attached.\n\nFirst close is planned "
				"for the end of January "
				"with about 70 million; the final close will be before the summer.",
				"Larkspur-Fund-II-deck.pdf", WITH_TEAM},
			{THEY, 70,
				"Thanks, very clear. I have passed it on to $N on my team, who covers industrial "
				"technology, and "
				"copied her here.",
				NULL, WITH_COLLEAGUE},
			{COLLEAGUE, 22,
				"Nice to meet you by mail. I have read the deck with interest. Two first questions: "
				"how much of Fund I "
				"is realised, and what is the reserve ratio you plan for Fund II?",
				NULL, WITH_COLLEAGUE},
			{WE, 18,
				"Two good ones. 0.6x is distributed so far, mostly from the sale of Corvid in March. "
				"We reserve 45 percent for "
				"follow-ons, a little more than in Fund I.",
				NULL, WITH_COLLEAGUE | WITH_TEAM}}},
	{"Due diligence questionnaire", 1,
		{{THEY, 0,
			 "Following our call, we would like to move to the next step. Please find our questionnaire in "
			 "the usual form; "
			 "it would help us to have it back within two weeks.\n\nThe points on valuation policy and key "
			 "person matter most to "
			 "our committee.",
			 "DDQ.csv", WITH_COLLEAGUE},
			{WE, 30,
				"Thank you, that is good news. You will have it by Friday of next week. Grace will "
				"lead on our side and is in "
				"copy.",
				NULL, WITH_COLLEAGUE | WITH_TEAM},
			{WE, 150,
				"Please find the completed questionnaire. On key person: both partners are covered, a "
				"departure suspends the "
				"investment period until two thirds of the investors agree to resume.",
				"Larkspur-DDQ-answers.pdf", WITH_TEAM | WITH_IR},
			{THEY, 44,
				"Received with thanks. We are working through it and will come back with follow-up "
				"questions. Could you "
				"also share the last three quarterly reports of Fund I?",
				NULL, WITH_COLLEAGUE},
			{WE, 7,
				"Of course. Access to the data room has been opened for both of you; the reports are "
				"in folder 4.",
				NULL, WITH_COLLEAGUE}}},
	{"Reference calls", 1,
		{{THEY, 0,
			 "Our committee asked for three references: one founder whose company did well, one whose "
			 "company did not, and "
			 "one co-investor. Could you make the introductions?",
			 NULL, 0},
			{WE, 21,
				"Gladly. I suggest the founders of Corvid and of Paperboat (which we wrote off last "
				"year, he will be frank) and "
				"the team at Quarry Lane. I will write to all three today.",
				NULL, 0},
			{THEY, 96, "We have spoken with two of the three now. Both calls were very helpful.", NULL,
				0}}},
	{"Fees and most favoured nation", 1,
		{{THEY, 0,
			 "One point before we go to committee: our policy is a management fee of 1.75 percent for "
			 "commitments above ten "
			 "million. Is there room?",
			 NULL, WITH_COLLEAGUE},
			{WE, 28,
				"We hold 2 percent for everybody in Fund II, but first close investors receive a fee "
				"holiday for the first six "
				"months. With the step-down after year five this comes to much the same for you.",
				NULL, WITH_TEAM},
			{THEY, 50,
				"Understood. Please confirm that a side letter would carry a most favoured nation "
				"clause for our size class.",
				NULL, WITH_COLLEAGUE},
			{WE, 4, "Confirmed, for commitments of the same size or smaller.", NULL, WITH_TEAM}}},
	{"Meeting in $C", 1,
		{{WE, 0,
			 "Grace and I will be in $C on the 9th and 10th. Could we come by your office for an hour? We "
			 "would like to show you "
			 "the new portfolio company before it is announced.",
			 NULL, WITH_TEAM},
			{THEY, 13, "With pleasure. The 9th at 11:00? I will ask $N to join us.", NULL, WITH_COLLEAGUE},
			{WE, 3, "The 9th at 11:00 is in the calendar. See you then.", NULL,
				WITH_TEAM | WITH_COLLEAGUE}}},
	{"Quarterly report, third quarter", 2,
		{{WE, 0,
			 "Please find our report for the third quarter. In short: two follow-on rounds at higher "
			 "valuations, one new "
			 "investment, one write-down. NAV per unit rose 3.1 percent.",
			 "Larkspur-Q3-report.pdf", WITH_IR},
			{THEY, 33,
				"Thank you. Could you say a little more about the write-down? We hold a position "
				"beside you there.",
				NULL, 0},
			{WE, 25,
				"Of course. The company lost its largest customer in August and we marked it to the "
				"last offer. There is a new "
				"contract in negotiation; I will call you when it is signed.",
				NULL, 0}}},
	{"Fund II: allocation", 2,
		{{THEY, 0,
			 "The investment committee met yesterday. We have approval for a commitment of up to 8 "
			 "million, subject to legal "
			 "review of the limited partnership agreement.\n\nPlease send the subscription documents to $N "
			 "and me.",
			 NULL, WITH_COLLEAGUE},
			{WE, 6,
				"This is wonderful news, thank you. The subscription booklet and the agreement are "
				"attached. Our counsel can "
				"speak with yours any day this week.",
				"Subscription-booklet.pdf", WITH_COLLEAGUE | WITH_TEAM | WITH_IR},
			{COLLEAGUE, 40,
				"Thank you. Our counsel has comments on clauses 8.3 and 14, I will send a mark-up "
				"tomorrow.",
				NULL, WITH_COLLEAGUE}}},
	{"Where we stand", 2,
		{{WE, 0,
			 "A short update: with the commitments of this week we are at 52 million towards the first "
			 "close. I would love to "
			 "have $F among the first investors.\n\nIs there anything you still need from us for your "
			 "December meeting?",
			 NULL, 0},
			{THEY, 47,
				"Thanks for the update. Our meeting is on the 11th. Could you send a one-page summary "
				"of the pipeline until "
				"then? The committee always asks what the first money will buy.",
				NULL, 0}}},
	{"Not this time", 2,
		{{THEY, 0,
			 "We have decided not to go further with Fund II. It is no judgement of the team: our venture "
			 "allocation is full "
			 "until 2028. Please keep us on your list.",
			 NULL, 0},
			{WE, 22,
				"Thank you for the clear word, and for the care you took. We will keep in touch with "
				"the quarterly letter.",
				NULL, 0}}},
	{"Wire instructions and closing mechanics", 2,
		{{THEY, 0,
			 "Could your administrator confirm the bank details by telephone before we release the first "
			 "drawdown? Our "
			 "treasury does not accept instructions by mail alone.",
			 NULL, WITH_COLLEAGUE},
			{WE, 4,
				"Quite right. The administrator will call you today on the number in the subscription "
				"form. We never change "
				"account details by mail.",
				NULL, WITH_TEAM | WITH_IR}}},
	{"Annual meeting", 0,
		{{WE, 0,
			 "Our annual meeting is on 14 April in Lisbon, with a dinner on the evening before. We would "
			 "be glad to have you "
			 "there as our guest, whatever you decide about Fund II.",
			 NULL, WITH_IR},
			{THEY, 100, "Thank you for the invitation. I will be there, and would like to bring $N.", NULL,
				WITH_COLLEAGUE},
			{WE, 19, "Of course, both of you are on the list.", NULL, WITH_COLLEAGUE}}},
};
const size_t plot_count = sizeof plots / sizeof *plots;

const struct plot internal_plots[] = {
	{"Partner meeting notes", 0,
		{{WE, 0,
			 "Notes of this morning. Agreed: first close on 31 January, no fee concessions before the end "
			 "of the year, and Grace "
			 "takes over the reference calls.",
			 NULL, WITH_TEAM},
			{WE, 3, "Fine with me. Salary review stays between us for now.", NULL, WITH_TEAM}}},
	{"Lunch?", 0, {{WE, 0, "Shall we go to the new place around the corner?", NULL, WITH_TEAM}}},
	{"Draft of the quarterly letter", 0,
		{{WE, 0, "Draft attached, please be harsh.", "draft-letter.pdf", WITH_TEAM},
			{WE, 20, "Some remarks on page two. Otherwise good to go.", NULL, WITH_TEAM}}},
};
const size_t internal_count = sizeof internal_plots / sizeof *internal_plots;

const struct plot stranger_plots[] = {
	{"Your order has shipped", 0,
		{{THEY, 0, "Your order 20611 of two office chairs left our warehouse today.", NULL, 0}}},
	{"Dental appointment", 0,
		{{THEY, 0, "This is a reminder of your appointment on Monday at 08:30. Please call if you cannot come.",
			 NULL, 0},
			{WE, 2, "Thank you, I will be there.", NULL, 0}}},
	{"Grow your pipeline with AI", 0,
		{{THEY, 0,
			"I noticed that you lead fundraising at a venture firm. Do you have 15 minutes to see how we "
			"triple reply rates?",
			NULL, 0}}},
};
const size_t stranger_count = sizeof stranger_plots / sizeof *stranger_plots;

const struct plot newsletters[] = {
	{"The Private Markets Morning", 0,
		{{THEY, 0,
			"Secondaries volume reached a record in the third quarter.\n\nAlso today: what the new "
			"disclosure rules mean for "
			"smaller managers, and three family offices that hire.",
			NULL, 0}}},
	{"Venture Weekly #214", 0,
		{{THEY, 0, "Ten rounds that mattered this week, and one that should not have.", NULL, 0}}},
};
const size_t newsletter_count = sizeof newsletters / sizeof *newsletters;
