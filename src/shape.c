/* shape.c: looking a field up by its name. */
#include "shape.h"

#include <string.h>

const struct field *shape_field(const struct shape *shape, const char *name, size_t length)
{
	for (size_t i = 0; i < shape->count; i++) {
		const struct field *field = &shape->fields[i];
		if (!strncmp(field->name, name, length) && !field->name[length])
			return field;
	}
	return NULL;
}
