#include "arming.h"

#include <string.h>

static bool has_area(uint32_t areas, unsigned area) { return ((areas >> area) & 1u) != 0u; }

static bool is_system(uint8_t system) { return (system >= 1u) && (system <= KH_SYSTEMS); }

void arming_start(struct arming *arming) {
  memset(&arming->armed, 0xFF, sizeof arming->armed);
  memset(arming->armed_by, 0, sizeof arming->armed_by);
}

bool arming_is_armed(const struct arming *arming, kh_place place) {
  return is_system(place.system) && ((arming->armed.systems[place.system - 1u] & place.areas) != 0u);
}

void arming_set_all(struct arming *arming, const kh_area_list *armed) {
  unsigned system;
  unsigned area;
  for (system = 0; system < KH_SYSTEMS; system++) {
    for (area = 0; area < 32u; area++) {
      if (!has_area(arming->armed.systems[system], area)) {
        arming->armed_by[system][area] = 0;
      }
    }
  }
  arming->armed = *armed;
}

void arming_set(struct arming *arming, kh_place place, bool arm, uint16_t user) {
  uint32_t *armed;
  unsigned area;
  if (!is_system(place.system)) {
    return;
  }
  armed = &arming->armed.systems[place.system - 1u];
  *armed = arm ? (*armed | place.areas) : (*armed & ~place.areas);
  for (area = 0; area < 32u; area++) {
    if (has_area(place.areas, area)) {
      arming->armed_by[place.system - 1u][area] = arm ? user : 0u;
    }
  }
}

uint16_t arming_armer(const struct arming *arming, kh_place place) {
  bool is_first = true;
  uint16_t armer = 0;
  unsigned area;
  if (!is_system(place.system) || ((place.areas & ~arming->armed.systems[place.system - 1u]) != 0u)) {
    return 0;
  }
  for (area = 0; area < 32u; area++) {
    if (has_area(place.areas, area)) {
      const uint16_t of_area = arming->armed_by[place.system - 1u][area];
      if (!is_first && (of_area != armer)) {
        return 0;
      }
      is_first = false;
      armer = of_area;
    }
  }
  return armer;
}
