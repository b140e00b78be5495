/*
 * The smallest program: makes a panel and asks it. Without a policy it denies everything.
 */
#include <keyholder.h>

static kh_panel panel;

int main(void) {
  kh_panel_config config = {0};
  kh_open_close request = {0};
  kh_decision decision;
  kh_library library;
  uint8_t index;

  config.site = 17u;
  for (index = 0u; index < 32u; index++) {
    /* Examples have such keys. Yours are random, and nobody has seen them. */
    config.cloud_key[index] = index;
    config.code_key[index] = (uint8_t)(0xA0u + index);
  }
  request.who.kind = KH_WHO_USER;
  request.who.user = 1u;
  request.place.system = 1u;
  request.place.areas = 1u;
  request.action = KH_ACTION_OPEN;

  if ((kh_about(&library) != KH_OK) || (library.panel_size != KH_PANEL_SIZE)) {
    return 1;
  }
  if (kh_panel_init(&panel, &config) != KH_OK) {
    return 2;
  }
  if (kh_panel_open_close(&panel, &request, KH_TIME_UNKNOWN, &decision) != KH_OK) {
    return 3;
  }
  return ((decision.verdict == KH_DENY) && (decision.reason == KH_REASON_UNKNOWN_USER)) ? 0 : 4;
}
