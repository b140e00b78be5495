/*
 * Must not link: calls the one function that may panic, which only the library of the proof has.
 */
#include <stddef.h>
#include <stdint.h>

uint8_t keyholder_panics(size_t index);

int main(int count, char **arguments) {
  (void)arguments;
  return keyholder_panics((size_t)count);
}
