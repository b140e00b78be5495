/*
 * A panel: people type codes at its keypad, the line asks it the rest, and it watches a detector.
 */
#ifndef PANEL_H
#define PANEL_H

#include <keyholder.h>

#include "arming.h"
#include "arrival.h"
#include "clock.h"
#include "display.h"
#include "identity.h"
#include "keypad.h"
#include "line.h"

/* Keys of the longest entry that is right, a user number, `*` and a code; and one more, which makes it a wrong one. */
enum { LONGEST_ENTRY = 13 };

/* What the detector means at the moment. */
enum watch {
  WATCH_QUIET,
  /* Somebody has just armed the areas and leaves. */
  WATCH_LEAVING,
  /* Somebody has come in. */
  WATCH_ENTERING,
  /* The siren sounds. */
  WATCH_ALARM,
  /* It has sounded for long enough. It is an alarm until somebody opens. */
  WATCH_SILENCED
};

struct panel {
  kh_panel core;
  uint32_t site;
  /* Where the keypad is; all areas of the site's system if it has none here. */
  kh_place keypad_place;
  struct arrival arrival;
  /* To the cloud, as it was when somebody began to fetch it: what happens meanwhile must not get mixed into it. */
  size_t report_length;
  uint8_t report[KH_REPORT_BYTES];
  struct arming arming;
  struct line line;
  struct clock clock;
  struct keypad keypad;
  struct display display;
  enum watch watch;
  /* Since when somebody is leaving or entering, or the siren sounds. */
  uint32_t watch_since;
  size_t entry_length;
  uint8_t entry[LONGEST_ENTRY];
  uint32_t last_key;
  /* What the person is told, and since when; NULL: nothing. */
  const char *message;
  uint32_t message_since;
  /* The clock is a bench's. */
  bool clock_is_held;
  /* The next look is due at once. */
  bool look_is_due;
  uint32_t last_look;
  /* The minute that was supervised last, if any was. */
  kh_instant supervised;
};

/* Starts the panel with this identity in memory that is all zero, with what is in its flash, and tells the line so. */
kh_status panel_start(struct panel *panel, const struct identity *identity, const kh_flash *flash);

/* Does what there is to do at so many milliseconds of a clock that wraps around. Call it every ten milliseconds or when something has come. */
void panel_step(struct panel *panel, uint32_t milliseconds);

#endif
