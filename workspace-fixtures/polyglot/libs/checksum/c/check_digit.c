#include "check_digit.h"

/* Luhn: every second digit counts double, digits of a product are added. */
uint32_t check_digit(uint64_t number) {
  uint32_t sum = 0;
  for (uint32_t place = 0; number > 0; place++, number /= 10) {
    uint32_t digit = number % 10;
    if (place % 2 == 0) digit *= 2;
    sum += digit > 9 ? digit - 9 : digit;
  }
  return (10 - sum % 10) % 10;
}
