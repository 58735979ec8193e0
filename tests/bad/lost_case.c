/* expect: not handled in switch */
#include "fail.h"
int f(enum failure_kind kind);
int f(enum failure_kind kind)
{
	switch (kind) {
	case FAILURE_NONE:
	case FAILURE_DONE:
	case FAILURE_FAULT:
	case FAILURE_AGAIN:
		return 1;
	}
	return 0;
}
