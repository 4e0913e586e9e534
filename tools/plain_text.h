/* Is a text fit to be shown and to be put into JSON? */
#ifndef HAR_TOOLS_PLAIN_TEXT_H
#define HAR_TOOLS_PLAIN_TEXT_H

#include <stddef.h>

/* NULL when `text` is UTF-8 without control characters (a tab is allowed), else what it holds. */
const char *find_text_problem(const char *text, size_t size);

#endif /* HAR_TOOLS_PLAIN_TEXT_H */
