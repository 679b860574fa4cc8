#include <stdint.h>

/* The last digit of a tracking number: 0 to 9. */
uint32_t check_digit(uint64_t number);
