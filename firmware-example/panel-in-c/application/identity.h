/*
 * What a panel is given in the factory: whose it is, and its keys. It lies in the first page of the flash and never changes.
 *
 *   offset  size
 *        0     4  "KHID"
 *        4     4  site
 *        8    32  the public key that signs its policies
 *       40    32  the public key that may replace that one; zeros: none
 *       72    32  the key under which its codes are digested
 *      104     4  system of the keypad, 1 to 8
 *      108     4  areas of the keypad, a bit each; 0: those the site has in that system
 *      112     4  CRC-32 of the 112 bytes before
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#include <keyholder.h>
#include <stdbool.h>

enum { IDENTITY_BYTES = 116 };

struct identity {
  /* The site and its keys, as the library wants them. */
  kh_panel_config config;
  /* Where the keypad is. */
  kh_place keypad;
};

/* False: there is none, or not a whole one. */
bool identity_read(const uint8_t bytes[IDENTITY_BYTES], struct identity *identity);

#endif
