/* Prints what a panel and a receiver take, as the pages write it. */
#include <stdio.h>

#include "keyholder.h"

int main(void) {
  printf("%u,%03u bytes | %u,%03u bytes\n", KH_PANEL_SIZE / 1000u, KH_PANEL_SIZE % 1000u, KH_RECEIVER_SIZE / 1000u, KH_RECEIVER_SIZE % 1000u);
  return 0;
}
