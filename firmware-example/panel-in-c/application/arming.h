/*
 * What a panel knows about its areas: which are armed, and by whom.
 */
#ifndef ARMING_H
#define ARMING_H

#include <keyholder.h>
#include <stdbool.h>

struct arming {
  kh_area_list armed;
  /* A user number for each area of each system, 0 if nobody knows. */
  uint16_t armed_by[KH_SYSTEMS][32];
};

/* Everything is armed and nobody knows by whom: how a panel starts. Not knowing what was open it takes nothing to be. */
void arming_start(struct arming *arming);

/* Whether an area of the place is armed. */
bool arming_is_armed(const struct arming *arming, kh_place place);

/* Says which are. Those that were before keep who armed them. */
void arming_set_all(struct arming *arming, const kh_area_list *armed);

/* `user` has armed the place, or opened it. */
void arming_set(struct arming *arming, kh_place place, bool arm, uint16_t user);

/* Who has armed every area of the place; 0 if not all are armed, or by different people. */
uint16_t arming_armer(const struct arming *arming, kh_place place);

#endif
