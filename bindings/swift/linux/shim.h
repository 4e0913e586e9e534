/* The installed library, to Swift on Linux. */
#include <har/har.h>
