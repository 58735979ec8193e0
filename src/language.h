/* language.h: the languages that money, moments and sizes print in. */
#ifndef LANGUAGE_H
#define LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

/* True for "fr" and "fr-…"; everything else, NULL too, prints in English. */
static inline bool language_french(const char *language)
{
	return language && language[0] == 'f' && language[1] == 'r' && (!language[2] || language[2] == '-');
}

#endif
