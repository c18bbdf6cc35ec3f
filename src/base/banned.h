/* Calls that this tree does without: unbounded, stateful or unchecked. Each .c includes this last, after every system
 * header, so that the compiler refuses the name itself. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#undef alloca /* a macro in <stdlib.h>; the name can only be poisoned without it */
#pragma GCC poison strcpy strcat sprintf vsprintf gets strtok atoi atol alloca system popen

#endif
