/* The words by which mail programs introduce what they quote, in the languages they come in. For quote.c only. Lists end
 * with NULL; they are compared without regard to ASCII case. */
#ifndef MAIL_QUOTE_WORDS_H
#define MAIL_QUOTE_WORDS_H

struct quote_attribution {
	const char *begin, *verb; /* "On " … "wrote" */
};

extern const struct quote_attribution quote_attributions[]; /* ends with begin NULL */
extern const char *const quote_verbs[];                     /* of an attribution that begins with a name */
extern const char *const quote_from[], *const quote_date[], *const quote_to[], *const quote_subject[];
extern const char *const quote_originals[];      /* ----- Original Message ----- */
extern const char *const quote_forwards[];       /* ----- Forwarded message ----- */
extern const char *const quote_forward_begins[]; /* Begin forwarded message: */
extern const char *const quote_devices[];        /* Sent from my … */
extern const char *const quote_inside[];         /* the sender says that answers stand in the quoted text */

#endif
