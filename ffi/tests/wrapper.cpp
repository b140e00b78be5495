// The C++ header: a day of the example's panel and receiver, without exceptions and run-time types.
#include <keyholder.hpp>

#include <array>

#include "check.h"

static kh_panel panel;
static kh_receiver receiver;

int main() {
  make_panel(&panel);
  make_receiver(&receiver);
  const std::array<std::uint8_t, 5> digits{'1', '3', '7', '9', '5'};
  const std::uint8_t wrong[4] = {'0', '0', '0', '0'};

  kh_open_close request = good_open_close();
  request.who = keyholder::code(digits);
  const auto opened = keyholder::open_close(panel, request, MONDAY);
  CHECK(keyholder::allows(opened), "her code");
  CHECK(opened.answer.user == 12u, "her code");
  CHECK(strcmp(keyholder::reason_name(opened.answer.reason), "WithinSchedule") == 0, "her code");
  request.who = keyholder::code(wrong);
  CHECK(!keyholder::allows(keyholder::open_close(panel, request, MONDAY)), "a wrong code");
  request.who = keyholder::user(12);
  CHECK(keyholder::allows(keyholder::open_close(panel, request, MONDAY)), "her number");
  request.who = keyholder::code_of(1, digits);
  CHECK(!keyholder::allows(keyholder::open_close(panel, request, MONDAY)), "her code and another's number");
  request.action = 9;
  const auto mistaken = keyholder::open_close(panel, request, MONDAY);
  CHECK(!mistaken.is_answered() && refuses_decision(&mistaken.answer), "a mistake");

  kh_act act = good_act();
  const std::uint8_t told[] = {'b', 'l', 'u', 'e', 'b', 'i', 'r', 'd'};
  act.who = keyholder::passcode(told);
  CHECK(keyholder::allows(keyholder::act(panel, act, MONDAY)), "a passcode");
  act.who = keyholder::passcode_of(12, told);
  CHECK(!keyholder::allows(keyholder::act(panel, act, MONDAY)), "another's passcode");

  kh_identity eve{};
  memcpy(eve.bytes, example_eve, sizeof eve.bytes);
  CHECK(keyholder::engineer_id(panel, eve).answer == 41u, "eve");
  CHECK(keyholder::engineer_id(receiver, eve).answer == 41u, "eve");
  CHECK(keyholder::allows(keyholder::engineer(panel, good_engineer(), MONDAY)), "eve looks");
  CHECK(keyholder::allows(keyholder::begin_session(receiver, good_session(), SUNDAY + 60)), "eve begins");
  CHECK(keyholder::allows(keyholder::end_session(receiver, good_session(), SUNDAY + 120)), "eve ends");
  CHECK(keyholder::allows(keyholder::update(panel, good_update(), MONDAY)), "an update");
  CHECK(keyholder::supervise(panel, kh_area_list{}, MONDAY).is_answered(), "supervision");
  CHECK(keyholder::supervise(receiver, MONDAY).is_answered(), "supervision");
  CHECK(keyholder::provenance(panel).answer.sequence == 3u, "provenance");
  CHECK(keyholder::provenance(receiver).answer.sequence == 12u, "provenance");
  CHECK(keyholder::blob_head(example_panel_blob).answer.recipient == EXAMPLE_SITE, "head");
  CHECK(keyholder::install(panel, example_panel_blob, MONDAY).answer.outcome == KH_POLICY_ALREADY_INSTALLED, "again");
  CHECK(keyholder::install(receiver, keyholder::Bytes(), MONDAY).status == KH_NULL, "no bytes");
  CHECK(keyholder::wipe(panel) == KH_OK && keyholder::wipe(receiver) == KH_OK, "wiped");
  CHECK(keyholder::provenance(panel).status == KH_NOT_INITIALISED, "wiped");
  return check_result("wrapper");
}
