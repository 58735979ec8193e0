/* expect: conver */
#include "shape.h"
struct money f(double euros);
struct money f(double euros)
{
	return (struct money){ .minor = euros * 100, .currency = "eur" };
}
