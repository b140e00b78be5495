// The C++ header: a day of the example's panel and receiver, without exceptions and run-time types.
#include <keyholder.hpp>

#include <array>

#include "check.h"
#include "nor.h"

// A driver as C++ has them, on the flash of the C tests.
struct Driver {
  nor flash;
  bool read(std::uint32_t at, std::uint8_t *bytes, std::uint32_t length) noexcept { return nor_read(&flash, at, bytes, length) == 0; }
  bool write(std::uint32_t at, const std::uint8_t *bytes, std::uint32_t length) noexcept { return nor_write(&flash, at, bytes, length) == 0; }
  bool erase(std::uint32_t at, std::uint32_t length) noexcept { return nor_erase(&flash, at, length) == 0; }
};

static Driver driver;

static void in_flash(kh_panel &panel, kh_receiver &receiver) {
  kh_panel_config config{};
  kh_receiver_config other{};
  std::array<std::uint8_t, KH_REPORT_BYTES> message;
  const kh_flash flash = keyholder::flash(driver, NOR_BYTES, KH_FLASH_WRITE_BYTES, NOR_BLOCK);
  const keyholder::Bytes blob(example_panel_blob);
  nor_erase_all(&driver.flash);
  config.site = EXAMPLE_SITE;
  memcpy(config.cloud_key, example_cloud_key, sizeof config.cloud_key);
  memcpy(config.code_key, example_code_key, sizeof config.code_key);
  CHECK(keyholder::boot(panel, config, flash, nor_layout()) == KH_OK, "boot");
  CHECK(keyholder::begin(panel, {blob.data(), KH_HEAD_BYTES}, SUNDAY).answer.remaining == blob.size() - KH_HEAD_BYTES, "begin");
  CHECK(keyholder::append(panel, {blob.data() + KH_HEAD_BYTES, blob.size() - KH_HEAD_BYTES}).answer.remaining == 0u, "append");
  const auto finished = keyholder::finish(panel, SUNDAY);
  CHECK(finished.is_answered() && (finished.answer.outcome == KH_POLICY_INSTALLED), "finish");
  CHECK(keyholder::acknowledgement(finished.answer).size() > 0u, "finish");
  CHECK(keyholder::boot(panel, config, flash, nor_layout()) == KH_OK, "power cycle");
  CHECK(keyholder::provenance(panel).answer.sequence == 3u, "power cycle");
  CHECK(keyholder::damage(panel).answer == 0u, "power cycle");
  CHECK(keyholder::believed_time(panel, MONDAY).answer == MONDAY, "power cycle");
  CHECK(keyholder::report(panel, nullptr, 0, MONDAY, message.data(), message.size()).answer > 0u, "report");
  CHECK(keyholder::boot(receiver, other, flash, nor_layout()) == KH_BAD_VALUE, "no receiver");
  CHECK(driver.flash.offences == 0u, "a flash's rules");
}

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
  CHECK(keyholder::areas(panel).answer.systems[0] == 0x7u, "areas");
  CHECK(keyholder::blob_head(example_panel_blob).answer.recipient == EXAMPLE_SITE, "head");
  CHECK(keyholder::install(panel, example_panel_blob, MONDAY).answer.outcome == KH_POLICY_ALREADY_INSTALLED, "again");
  CHECK(keyholder::install(receiver, keyholder::Bytes(), MONDAY).status == KH_NULL, "no bytes");
  CHECK(keyholder::date_of(2026, 11, 23).answer == 20780, "date");
  CHECK(keyholder::date_of(2026, 2, 29).status == KH_BAD_VALUE, "no date");
  CHECK(keyholder::about().is_answered(), "about");
  CHECK(strcmp(keyholder::part_name(KH_PART_SCHEDULES), "schedules") == 0, "names");
  CHECK(strcmp(keyholder::fault_name(KH_FAULT_RANGE), "has a number outside its range") == 0, "names");
  CHECK(strcmp(keyholder::blob_kind_name(KH_BLOB_KEY_CHANGE), "key change") == 0, "names");
  in_flash(panel, receiver);
  CHECK(keyholder::wipe(panel) == KH_OK && keyholder::wipe(receiver) == KH_OK, "wiped");
  CHECK(keyholder::provenance(panel).status == KH_NOT_INITIALISED, "wiped");
  return check_result("wrapper");
}
