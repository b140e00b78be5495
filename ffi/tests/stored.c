/*
 * Devices in a flash: what boots and what does not, what survives a loss of power wherever it comes, blobs in pieces, patches and key changes.
 */
#include "changes.h"
#include "check.h"
#include "nor.h"

static nor flash;
static nor before;
static kh_panel panel;
static kh_receiver receiver;

static kh_panel_config panel_config(void) {
  kh_panel_config config;
  memset(&config, 0, sizeof config);
  config.site = EXAMPLE_SITE;
  memcpy(config.cloud_key, example_cloud_key, sizeof config.cloud_key);
  memcpy(config.code_key, example_code_key, sizeof config.code_key);
  memcpy(config.recovery_key, example_recovery_key, sizeof config.recovery_key);
  return config;
}

/* Power comes back: all that is left is what the flash holds. */
static kh_status power_on(void) {
  const kh_panel_config config = panel_config();
  const kh_layout layout = nor_layout();
  const kh_flash made = nor_flash(&flash);
  nor_restore(&flash);
  memset(&panel, GARBAGE, sizeof panel);
  return kh_panel_boot(&panel, &config, &made, &layout);
}

static kh_status install(const uint8_t *blob, size_t length, kh_installation *installation) {
  memset(installation, GARBAGE, sizeof *installation);
  return kh_panel_install(&panel, blob, length, SUNDAY, installation);
}

#define INSTALL(blob, installation) install((blob), sizeof(blob), (installation))

/* A panel with the example's policy in an erased flash. */
static void start(void) {
  kh_installation installation;
  nor_erase_all(&flash);
  CHECK(power_on() == KH_OK, "an erased flash");
  CHECK(INSTALL(example_panel_blob, &installation) == KH_OK, "the example");
  CHECK(installation.outcome == KH_POLICY_INSTALLED, "the example");
}

static kh_reason open_with(const char *code, kh_instant now, kh_verdict *verdict) {
  kh_open_close request = good_open_close();
  kh_decision decision;
  memset(&decision, GARBAGE, sizeof decision);
  request.who = who_typed(KH_WHO_CODE, 0, code);
  CHECK(kh_panel_open_close(&panel, &request, now, &decision) == KH_OK, code);
  *verdict = decision.verdict;
  return decision.reason;
}

static kh_reason reason_of(const char *code, kh_instant now) {
  kh_verdict verdict;
  return open_with(code, now, &verdict);
}

static uint64_t sequence(void) {
  kh_provenance provenance;
  return (kh_panel_provenance(&panel, &provenance) == KH_OK) ? provenance.sequence : 0u;
}

static kh_damage damage(void) {
  kh_damage found = GARBAGE;
  CHECK(kh_panel_damage(&panel, &found) == KH_OK, "damage");
  return found;
}

typedef struct {
  kh_panel_config config;
  kh_flash flash;
  kh_layout layout;
} boot_arguments;

static int read_nothing(void *context, uint32_t at, uint8_t *bytes, uint32_t length) {
  (void)context;
  (void)at;
  (void)bytes;
  (void)length;
  return 5;
}

static void is_good(boot_arguments *with) { (void)with; }
static void no_read(boot_arguments *with) { with->flash.read = NULL; }
static void no_write(boot_arguments *with) { with->flash.write = NULL; }
static void no_erase(boot_arguments *with) { with->flash.erase = NULL; }
static void bytes_of_one(boot_arguments *with) { with->flash.write_bytes = 1; }
static void unit_0(boot_arguments *with) { with->flash.write_bytes = 0; }
static void unit_3(boot_arguments *with) { with->flash.write_bytes = 3; }
static void unit_twice(boot_arguments *with) { with->flash.write_bytes = 2u * KH_FLASH_WRITE_BYTES; }
static void block_0(boot_arguments *with) { with->flash.erase_bytes = 0; }
static void block_odd(boot_arguments *with) { with->flash.erase_bytes = NOR_BLOCK + 1u; }
static void site_0(boot_arguments *with) { with->config.site = 0; }
static void no_cloud_key(boot_arguments *with) { memset(with->config.cloud_key, 0, 32); }
static void no_recovery_key(boot_arguments *with) { memset(with->config.recovery_key, 0, 32); }
static void blank_recovery_key(boot_arguments *with) { memset(with->config.recovery_key, 0xFF, 32); }
static void same_key_twice(boot_arguments *with) { memcpy(with->config.recovery_key, with->config.cloud_key, 32); }
static void capacity_less(boot_arguments *with) { with->flash.capacity--; }
static void capacity_none(boot_arguments *with) { with->flash.capacity = 0; }
static void slot_far_too_large(boot_arguments *with) { with->layout.slot_bytes = 0xFFFFF000u; }
static void slot_odd(boot_arguments *with) { with->layout.slot_bytes--; }
static void journal_odd(boot_arguments *with) { with->layout.journal_bytes -= NOR_BLOCK / 2u; }
static void journal_small(boot_arguments *with) { with->layout.journal_bytes = NOR_BLOCK; }
static void cannot_be_read(boot_arguments *with) { with->flash.read = read_nothing; }

static void booting(void) {
  static const struct {
    const char *name;
    void (*spoil)(boot_arguments *with);
    kh_status status;
  } rows[] = {
      {"good", is_good, KH_OK},
      {"written byte by byte", bytes_of_one, KH_OK},
      {"no recovery key", no_recovery_key, KH_OK},
      {"no function to read", no_read, KH_NULL},
      {"no function to write", no_write, KH_NULL},
      {"no function to erase", no_erase, KH_NULL},
      {"unit of 0", unit_0, KH_BAD_VALUE},
      {"unit of 3", unit_3, KH_BAD_VALUE},
      {"unit larger than the library's", unit_twice, KH_BAD_VALUE},
      {"block of 0", block_0, KH_BAD_VALUE},
      {"block of no whole units", block_odd, KH_BAD_VALUE},
      {"site 0", site_0, KH_BAD_VALUE},
      {"no cloud key", no_cloud_key, KH_BAD_VALUE},
      {"a recovery key as erased flash has it", blank_recovery_key, KH_BAD_VALUE},
      {"the same key twice", same_key_twice, KH_BAD_VALUE},
      {"one byte too small", capacity_less, KH_FLASH_TOO_SMALL},
      {"no flash at all", capacity_none, KH_FLASH_TOO_SMALL},
      {"slots beyond all bounds", slot_far_too_large, KH_FLASH_TOO_SMALL},
      {"a slot of no whole blocks", slot_odd, KH_NOT_WHOLE_BLOCKS},
      {"a journal of no whole blocks", journal_odd, KH_NOT_WHOLE_BLOCKS},
      {"a journal too small", journal_small, KH_JOURNAL_TOO_SMALL},
      {"cannot be read", cannot_be_read, KH_FLASH_FAILED},
  };
  size_t index;
  for (index = 0; index < (sizeof rows / sizeof rows[0]); index++) {
    boot_arguments with;
    kh_provenance provenance;
    start();
    memcpy(&before, &flash, sizeof before);
    with.config = panel_config();
    with.flash = nor_flash(&flash);
    with.layout = nor_layout();
    rows[index].spoil(&with);
    CHECK(kh_panel_boot(&panel, &with.config, &with.flash, &with.layout) == rows[index].status, rows[index].name);
    if (rows[index].status >= KH_FLASH_TOO_SMALL) {
      /* Nothing is left of the device that was there, its keys neither. */
      CHECK(is_zero((const uint8_t *)&panel, sizeof panel), rows[index].name);
      CHECK(kh_panel_provenance(&panel, &provenance) == KH_NOT_INITIALISED, rows[index].name);
    } else {
      CHECK(kh_panel_provenance(&panel, &provenance) == KH_OK, rows[index].name);
    }
    CHECK(memcmp(before.bytes, flash.bytes, sizeof flash.bytes) == 0, rows[index].name);
    CHECK(flash.offences == 0u, rows[index].name);
  }
}

static void lockouts_and_policies_survive(void) {
  unsigned wrong;
  start();
  for (wrong = 0; wrong < 10u; wrong++) {
    CHECK(reason_of("0000", MONDAY) == KH_REASON_UNKNOWN_CODE, "wrong");
  }
  CHECK(reason_of("13795", MONDAY + 1) == KH_REASON_LOCKED_OUT, "locked");
  CHECK(power_on() == KH_OK, "power cycle");
  CHECK(sequence() == 3u, "the policy is there");
  CHECK(damage() == 0u, "nothing is wrong");
  CHECK(reason_of("13795", MONDAY + 2) == KH_REASON_LOCKED_OUT, "still locked");
  CHECK(reason_of("13795", MONDAY + 91) == KH_REASON_WITHIN_SCHEDULE, "until it is over");
  CHECK(flash.offences == 0u, "a flash's rules");
  {
    /* Without a flash all is gone. */
    const kh_panel_config config = panel_config();
    kh_installation installation;
    CHECK(kh_panel_init(&panel, &config) == KH_OK, "in memory");
    CHECK(sequence() == 0u, "in memory");
    CHECK(kh_panel_begin(&panel, example_panel_blob, KH_HEAD_BYTES, SUNDAY, &installation) == KH_NO_FLASH, "in memory");
    CHECK(kh_panel_append(&panel, example_panel_blob, 1, &installation) == KH_NO_FLASH, "in memory");
    CHECK(kh_panel_finish(&panel, SUNDAY, &installation) == KH_NO_FLASH, "in memory");
    CHECK((installation.outcome == KH_POLICY_UNCHANGED) && (installation.acknowledgement_length == 0u), "in memory");
    CHECK(damage() == 0u, "in memory");
  }
}

static void patches(void) {
  kh_installation installation;
  nor_erase_all(&flash);
  CHECK(power_on() == KH_OK, "no policy yet");
  CHECK(INSTALL(example_patch, &installation) == KH_OTHER_BASE, "nothing to patch");
  CHECK((installation.sequence == 0u) && (installation.acknowledgement_length > 0u), "nothing to patch");
  start();
  CHECK(INSTALL(example_patch, &installation) == KH_OK, "patch");
  CHECK((installation.outcome == KH_POLICY_INSTALLED) && (installation.sequence == 4u), "patch");
  CHECK(INSTALL(example_patch, &installation) == KH_OK, "again");
  CHECK(installation.outcome == KH_POLICY_ALREADY_INSTALLED, "again");
  CHECK(reason_of("13795", MONDAY) == KH_REASON_ANYTIME, "once");
  CHECK(power_on() == KH_OK, "power cycle");
  CHECK(sequence() == 4u, "power cycle");
  CHECK(reason_of("13795", MONDAY + 1) == KH_REASON_USED_UP, "and not again");
  CHECK(INSTALL(example_panel_blob, &installation) == KH_STALE, "the snapshot again");
  CHECK((installation.passed == 4u) && (installation.sequence == 4u), "the snapshot again");
  CHECK(flash.offences == 0u, "a flash's rules");
}

/* Writing fails from every unit on that an opening writes: what was allowed is remembered after a restart. */
static void a_torn_write_takes_nothing_back(void) {
  static nor patched;
  kh_installation installation;
  long power;
  int is_done = 0;
  start();
  CHECK(INSTALL(example_patch, &installation) == KH_OK, "patch");
  memcpy(&patched, &flash, sizeof patched);
  for (power = 0; (power < 1000) && !is_done; power++) {
    kh_verdict verdict;
    kh_reason reason;
    memcpy(&flash, &patched, sizeof flash);
    CHECK(power_on() == KH_OK, "before");
    flash.used = 0;
    flash.power = power;
    reason = open_with("13795", MONDAY, &verdict);
    is_done = flash.power > 0;
    CHECK((verdict == KH_ALLOW) || (reason == KH_REASON_NOT_KEPT), "allowed or not kept");
    CHECK((verdict == KH_ALLOW) || !is_done, "allowed when all is written");
    CHECK((damage() == KH_DAMAGE_WRITING) == !is_done, "damage");
    CHECK(power_on() == KH_OK, "after");
    CHECK(sequence() == 4u, "after");
    CHECK((damage() & KH_DAMAGE_LOSS) == 0u, "after");
    reason = reason_of("13795", MONDAY + 1);
    CHECK((reason == KH_REASON_USED_UP) || ((verdict != KH_ALLOW) && (reason == KH_REASON_ANYTIME)), "remembered if it was allowed");
    CHECK(flash.offences == 0u, "a flash's rules");
  }
  CHECK(is_done && (power > 4), "every unit");
}

/* Writing fails from every unit on that an installation writes: the one policy decides or the other, and the new one if it was installed. */
static void a_torn_installation_leaves_a_policy(void) {
  static nor empty;
  kh_installation installation;
  long power;
  int is_done = 0;
  start();
  memcpy(&empty, &flash, sizeof empty);
  for (power = 0; (power < 1000) && !is_done; power++) {
    kh_status status;
    memcpy(&flash, &empty, sizeof flash);
    CHECK(power_on() == KH_OK, "before");
    flash.used = 0;
    flash.power = power;
    status = INSTALL(example_patch, &installation);
    is_done = flash.power > 0;
    CHECK((status == KH_OK) || (!is_done && (status == KH_NOT_KEPT)), "not kept");
    CHECK(power_on() == KH_OK, "after");
    CHECK((sequence() == 4u) || ((status != KH_OK) && (sequence() == 3u)), "the one or the other");
    CHECK(INSTALL(example_patch, &installation) == KH_OK, "once more");
    CHECK(sequence() == 4u, "once more");
    CHECK(flash.offences == 0u, "a flash's rules");
  }
  CHECK(is_done && (power > 8), "every unit");
}

static int writes_and_says_no(void *context, uint32_t at, const uint8_t *bytes, uint32_t length) {
  (void)nor_write(context, at, bytes, length);
  return 7;
}

static int erases_and_says_no(void *context, uint32_t at, uint32_t length) {
  (void)nor_erase(context, at, length);
  return 7;
}

static int says_yes_and_writes_nothing(void *context, uint32_t at, const uint8_t *bytes, uint32_t length) {
  (void)context;
  (void)at;
  (void)bytes;
  (void)length;
  return 0;
}

static int writes_all_but_the_last_copy(void *context, uint32_t at, const uint8_t *bytes, uint32_t length) {
  return (at >= (NOR_BYTES - NOR_JOURNAL)) ? 7 : nor_write(context, at, bytes, length);
}

/* What is in flash counts, whatever the driver says of it; and a device begins with one copy of the journal. */
static void drivers_that_are_wrong(void) {
  const kh_panel_config config = panel_config();
  const kh_layout layout = nor_layout();
  kh_flash made = nor_flash(&flash);
  kh_installation installation;
  made.write = writes_and_says_no;
  made.erase = erases_and_says_no;
  nor_erase_all(&flash);
  CHECK(kh_panel_boot(&panel, &config, &made, &layout) == KH_OK, "errors for nothing");
  CHECK(INSTALL(example_panel_blob, &installation) == KH_OK, "errors for nothing");
  CHECK(INSTALL(example_patch, &installation) == KH_OK, "errors for nothing");
  CHECK(reason_of("13795", MONDAY) == KH_REASON_ANYTIME, "errors for nothing");
  CHECK(damage() == 0u, "errors for nothing");
  CHECK(power_on() == KH_OK, "errors for nothing");
  CHECK(reason_of("13795", MONDAY + 1) == KH_REASON_USED_UP, "errors for nothing");
  made = nor_flash(&flash);
  made.write = says_yes_and_writes_nothing;
  nor_erase_all(&flash);
  CHECK(kh_panel_boot(&panel, &config, &made, &layout) == KH_FLASH_FAILED, "success for nothing");
  made.write = writes_all_but_the_last_copy;
  CHECK(kh_panel_boot(&panel, &config, &made, &layout) == KH_OK, "one copy");
  CHECK(damage() == KH_DAMAGE_WRITING, "one copy");
  CHECK(INSTALL(example_panel_blob, &installation) == KH_NOT_KEPT, "one copy");
  CHECK(power_on() == KH_OK, "both copies");
  CHECK(INSTALL(example_panel_blob, &installation) == KH_OK, "both copies");
  CHECK(flash.offences == 0u, "a flash's rules");
}

/* Gives the panel a blob in pieces of that size. */
static kh_status in_pieces(const uint8_t *head, const uint8_t *rest, size_t length, size_t size, kh_installation *installation) {
  size_t at;
  kh_status status = kh_panel_begin(&panel, head, KH_HEAD_BYTES, SUNDAY, installation);
  if ((status != KH_OK) || (installation->outcome != KH_POLICY_AWAITED)) {
    return status;
  }
  CHECK(installation->remaining == length, "the rest");
  for (at = 0; at < length; at += size) {
    const size_t now = ((length - at) < size) ? (length - at) : size;
    status = kh_panel_append(&panel, &rest[at], now, installation);
    CHECK(status == KH_OK, "append");
    CHECK(installation->remaining == (length - at - now), "what is left");
    CHECK((installation->outcome == KH_POLICY_AWAITED) && (installation->acknowledgement_length == 0u), "on its way");
  }
  return kh_panel_finish(&panel, SUNDAY, installation);
}

static void blobs_in_pieces(void) {
  static const size_t sizes[] = {1, 7, 16, 64, 127, 128, 129, 278};
  const uint8_t *rest = &example_panel_blob[KH_HEAD_BYTES];
  const size_t length = sizeof example_panel_blob - KH_HEAD_BYTES;
  kh_installation installation;
  size_t index;
  for (index = 0; index < (sizeof sizes / sizeof sizes[0]); index++) {
    nor_erase_all(&flash);
    CHECK(power_on() == KH_OK, "pieces");
    CHECK(in_pieces(example_panel_blob, rest, length, sizes[index], &installation) == KH_OK, "pieces");
    CHECK((installation.outcome == KH_POLICY_INSTALLED) && (installation.sequence == 3u), "pieces");
    CHECK((installation.acknowledgement_length > 0u) && (installation.acknowledgement[0] == 1u), "pieces");
    CHECK(power_on() == KH_OK, "pieces");
    CHECK(sequence() == 3u, "pieces");
    CHECK(kh_panel_begin(&panel, example_panel_blob, KH_HEAD_BYTES, SUNDAY, &installation) == KH_OK, "again");
    CHECK(installation.outcome == KH_POLICY_ALREADY_INSTALLED, "again");
    CHECK(flash.offences == 0u, "a flash's rules");
  }
  nor_erase_all(&flash);
  CHECK(power_on() == KH_OK, "mistakes");
  CHECK(kh_panel_append(&panel, rest, 1, &installation) == KH_NOT_A_BLOB, "nothing begun");
  CHECK(kh_panel_finish(&panel, SUNDAY, &installation) == KH_NOT_A_BLOB, "nothing begun");
  CHECK(kh_panel_begin(&panel, example_panel_blob, KH_HEAD_BYTES - 1u, SUNDAY, &installation) == KH_BAD_LENGTH, "less than a head");
  CHECK(kh_panel_begin(&panel, example_panel_blob, KH_HEAD_BYTES + 1u, SUNDAY, &installation) == KH_BAD_LENGTH, "more than a head");
  CHECK(installation.acknowledgement_length == 0u, "more than a head");
  CHECK(kh_panel_begin(&panel, example_receiver_blob, KH_HEAD_BYTES, SUNDAY, &installation) == KH_WRONG_RECIPIENT, "another's");
  CHECK(installation.acknowledgement_length > 0u, "another's");
  CHECK(kh_panel_begin(&panel, example_panel_blob, KH_HEAD_BYTES, SUNDAY, &installation) == KH_OK, "not all of it");
  CHECK(kh_panel_append(&panel, rest, length - 1u, &installation) == KH_OK, "not all of it");
  CHECK(kh_panel_finish(&panel, SUNDAY, &installation) == KH_NOT_A_BLOB, "not all of it");
  CHECK(kh_panel_begin(&panel, example_panel_blob, KH_HEAD_BYTES, SUNDAY, &installation) == KH_OK, "too much of it");
  CHECK(kh_panel_append(&panel, example_panel_blob, length + 1u, &installation) == KH_NOT_A_BLOB, "too much of it");
  CHECK(in_pieces(example_panel_blob, example_panel_blob, length, 64, &installation) == KH_BAD_SIGNATURE, "something else");
  CHECK((installation.outcome == KH_POLICY_UNCHANGED) && (installation.acknowledgement_length > 0u), "something else");
  CHECK(sequence() == 0u, "something else");
  CHECK(in_pieces(example_panel_blob, rest, length, 64, &installation) == KH_OK, "at last");
  CHECK(flash.offences == 0u, "a flash's rules");
}

static void key_changes(void) {
  static const struct {
    const char *name;
    const uint8_t *change;
    int has_flash;
    int has_recovery_key;
    kh_status status;
  } rows[] = {
      {"by the key itself", example_key_change, 1, 1, KH_OK},
      {"by the key itself, without another", example_key_change, 1, 0, KH_OK},
      {"by the key itself, in memory", example_key_change, 0, 0, KH_OK},
      {"by the recovery key", example_key_rescue, 1, 1, KH_OK},
      {"by the recovery key, in memory", example_key_rescue, 0, 1, KH_OK},
      {"by a recovery key it has not", example_key_rescue, 1, 0, KH_UNKNOWN_KEY},
  };
  static uint8_t next[sizeof example_panel_blob];
  static uint8_t late[sizeof example_panel_blob];
  size_t index;
  memcpy(next, example_panel_blob, sizeof next);
  memcpy(late, example_panel_blob, sizeof late);
  memcpy(next, example_next_head, sizeof example_next_head);
  memcpy(late, example_late_head, sizeof example_late_head);
  for (index = 0; index < (sizeof rows / sizeof rows[0]); index++) {
    const kh_flash made = nor_flash(&flash);
    const kh_layout layout = nor_layout();
    const int changes = rows[index].status == KH_OK;
    kh_panel_config config = panel_config();
    kh_installation installation;
    nor_erase_all(&flash);
    if (!rows[index].has_recovery_key) {
      memset(config.recovery_key, 0, sizeof config.recovery_key);
    }
    CHECK((rows[index].has_flash ? kh_panel_boot(&panel, &config, &made, &layout) : kh_panel_init(&panel, &config)) == KH_OK, rows[index].name);
    CHECK(INSTALL(example_panel_blob, &installation) == KH_OK, rows[index].name);
    CHECK(install(rows[index].change, sizeof example_key_change, &installation) == rows[index].status, rows[index].name);
    CHECK(installation.outcome == (changes ? KH_POLICY_INSTALLED : KH_POLICY_UNCHANGED), rows[index].name);
    CHECK(installation.sequence == 3u, rows[index].name);
    if (rows[index].has_flash) {
      CHECK(kh_panel_boot(&panel, &config, &made, &layout) == KH_OK, rows[index].name);
    }
    /* The policy stands although the key it was signed with is retired. */
    CHECK(sequence() == 3u, rows[index].name);
    CHECK(reason_of("13795", MONDAY) == KH_REASON_WITHIN_SCHEDULE, rows[index].name);
    CHECK(INSTALL(next, &installation) == (changes ? KH_OK : KH_UNKNOWN_KEY), rows[index].name);
    CHECK(INSTALL(late, &installation) == (changes ? KH_UNKNOWN_KEY : KH_OK), rows[index].name);
    CHECK(flash.offences == 0u, rows[index].name);
  }
}

static kh_instant believed_time(kh_instant now) {
  kh_instant believed = GARBAGE;
  CHECK(kh_panel_believed_time(&panel, now, &believed) == KH_OK, "believed time");
  return believed;
}

static void clock_corrections(void) {
  const kh_instant far = SUNDAY + ((kh_instant)10 * 365 * 86400);
  kh_installation installation;
  start();
  CHECK(INSTALL(example_clock_correction, &installation) == KH_INVALID_POLICY, "nothing to correct");
  CHECK((installation.part == KH_PART_CLOCK) && (installation.fault == KH_FAULT_OTHER_FLOOR), "nothing to correct");
  CHECK(believed_time(far) == far, "not asked yet");
  CHECK(believed_time(MONDAY) == MONDAY, "asking what is believed changes nothing");
  CHECK(reason_of("13795", far) == KH_REASON_EXPIRED, "far ahead");
  CHECK(believed_time(far - 1) == far, "a second back");
  CHECK(believed_time(MONDAY) == KH_TIME_UNKNOWN, "back again");
  CHECK(believed_time(KH_TIME_UNKNOWN) == KH_TIME_UNKNOWN, "not set");
  CHECK(believed_time(16725225600) == KH_TIME_UNKNOWN, "no reading");
  CHECK(reason_of("13795", MONDAY) == KH_REASON_TIME_UNKNOWN, "back again");
  CHECK(INSTALL(example_clock_correction, &installation) == KH_OK, "corrected");
  CHECK(installation.outcome == KH_POLICY_INSTALLED, "corrected");
  CHECK(INSTALL(example_patch, &installation) == KH_STALE, "older than the correction");
  CHECK((installation.sequence == 3u) && (installation.passed > installation.sequence), "older than the correction");
  CHECK(power_on() == KH_OK, "power cycle");
  CHECK(believed_time(MONDAY) == MONDAY, "right again");
  CHECK(reason_of("13795", MONDAY) == KH_REASON_WITHIN_SCHEDULE, "right again");
}

/* What a device says that can no longer write, and what it finds in a flash that was tampered with. */
static void damages(void) {
  kh_open_close closing = good_open_close();
  kh_decision decision;
  kh_damage unknown = 0;
  size_t index;
  start();
  flash.power = 0;
  CHECK(reason_of("13795", MONDAY) == KH_REASON_NOT_KEPT, "opening");
  closing.action = KH_ACTION_CLOSE;
  CHECK((kh_panel_open_close(&panel, &closing, MONDAY, &decision) == KH_OK) && (decision.verdict == KH_ALLOW), "closing");
  CHECK(damage() == KH_DAMAGE_WRITING, "writing");
  start();
  memset(&flash.bytes[2u * NOR_SLOT], 0, 64);
  CHECK((power_on() == KH_OK) && (damage() == KH_DAMAGE_JOURNAL), "one copy");
  CHECK(sequence() == 3u, "one copy");
  CHECK((power_on() == KH_OK) && (damage() == 0u), "written anew");
  memset(&flash.bytes[2u * NOR_SLOT], 0, 64);
  memset(&flash.bytes[(2u * NOR_SLOT) + NOR_JOURNAL], 0, 64);
  CHECK((power_on() == KH_OK) && ((damage() & KH_DAMAGE_LOSS) != 0u), "both copies");
  CHECK(sequence() == 0u, "both copies");
  start();
  for (index = 150; index < 400u; index++) {
    flash.bytes[index] = 0;
  }
  CHECK((power_on() == KH_OK) && (damage() == KH_DAMAGE_SLOT), "a slot");
  CHECK(reason_of("13795", MONDAY) == KH_REASON_UNKNOWN_CODE, "a slot");
  CHECK(kh_panel_damage((const kh_panel *)&before, &unknown) == KH_NOT_INITIALISED, "no device");
  CHECK(unknown == KH_DAMAGE_UNKNOWN, "no device");
}

static void reports(void) {
  static uint8_t bytes[KH_REPORT_BYTES + 8u];
  static kh_due dues[KH_REPORT_DUES + 1u];
  kh_area_list armed;
  size_t count = 0;
  size_t length;
  size_t shorter;
  start();
  memset(&armed, 0xFF, sizeof armed);
  CHECK(kh_panel_supervise(&panel, &armed, SUNDAY, &dues[0]) == KH_OK, "supervise");
  while ((count < 2u) && (kh_panel_supervise(&panel, &armed, MONDAY, &dues[count]) == KH_OK) && (dues[count].kind != KH_DUE_NOTHING)) {
    count += (dues[count].kind == KH_DUE_REPORT) ? 1u : 0u;
  }
  CHECK(count > 0u, "something was due");
  memset(bytes, GARBAGE, sizeof bytes);
  CHECK(kh_panel_report(&panel, dues, count, MONDAY, bytes, sizeof bytes, &length) == KH_OK, "report");
  CHECK((length > 32u) && (length <= KH_REPORT_BYTES) && (bytes[0] == 1u) && (bytes[1] == EXAMPLE_SITE), "report");
  CHECK((bytes[KH_REPORT_BYTES] == GARBAGE) && (bytes[KH_REPORT_BYTES + 7u] == GARBAGE), "nothing behind it");
  CHECK(kh_panel_report(&panel, NULL, 0, MONDAY, bytes, KH_REPORT_BYTES, &shorter) == KH_OK, "no deadlines");
  CHECK(shorter < length, "no deadlines");
  CHECK(kh_panel_report(&panel, dues, count, MONDAY, bytes, length, &shorter) == KH_OK, "just enough");
  CHECK(kh_panel_report(&panel, dues, count, MONDAY, bytes, length - 1u, &shorter) == KH_BAD_LENGTH, "too small");
  CHECK(shorter == 0u, "too small");
  CHECK(kh_panel_report(&panel, dues, count, MONDAY, bytes, 0, &shorter) == KH_BAD_LENGTH, "no room at all");
  CHECK(kh_panel_report(&panel, NULL, 1, MONDAY, bytes, sizeof bytes, &shorter) == KH_NULL, "no deadlines, and one");
  CHECK(kh_panel_report(&panel, dues, KH_REPORT_DUES + 1u, MONDAY, bytes, sizeof bytes, &shorter) == KH_BAD_LENGTH, "too many");
  CHECK(kh_panel_report(&panel, dues, (size_t)-1, MONDAY, bytes, sizeof bytes, &shorter) == KH_BAD_LENGTH, "far too many");
  {
    const kh_due answered = dues[0];
    dues[0].report.event = KH_EVENT_OPENING;
    CHECK(kh_panel_report(&panel, dues, 1, MONDAY, bytes, sizeof bytes, &shorter) == KH_BAD_VALUE, "an opening is no deadline");
    dues[0] = answered;
    dues[0].at = KH_NEVER;
    CHECK(kh_panel_report(&panel, dues, 1, MONDAY, bytes, sizeof bytes, &shorter) == KH_BAD_VALUE, "never");
    dues[0] = answered;
    dues[0].report.system = 0;
    dues[0].report.areas = 1;
    CHECK(kh_panel_report(&panel, dues, 1, MONDAY, bytes, sizeof bytes, &shorter) == KH_BAD_VALUE, "areas of no system");
    dues[0] = answered;
    CHECK(kh_panel_report(&panel, dues, 1, MONDAY, bytes, sizeof bytes, &shorter) == KH_OK, "as it was answered");
  }
  dues[0].report.event = 200;
  CHECK(kh_panel_report(&panel, dues, 1, MONDAY, bytes, sizeof bytes, &shorter) == KH_BAD_VALUE, "no such event");
  dues[0].kind = KH_DUE_NOTHING;
  CHECK(kh_panel_report(&panel, dues, 1, MONDAY, bytes, sizeof bytes, &shorter) == KH_BAD_VALUE, "nothing due");
}

/* A receiver does the same. */
static void receivers(void) {
  const kh_flash made = nor_flash(&flash);
  const kh_layout layout = nor_layout();
  const uint8_t *rest = &example_receiver_blob[KH_HEAD_BYTES];
  const size_t length = sizeof example_receiver_blob - KH_HEAD_BYTES;
  static uint8_t bytes[KH_REPORT_BYTES];
  const kh_session_request session = good_session();
  kh_receiver_config config;
  kh_installation installation;
  kh_decision decision;
  kh_damage found;
  kh_instant believed;
  size_t written;
  nor_erase_all(&flash);
  memset(&config, 0, sizeof config);
  config.receiver = EXAMPLE_RECEIVER;
  memcpy(config.cloud_key, example_cloud_key, sizeof config.cloud_key);
  CHECK(kh_receiver_boot(&receiver, &config, &made, &layout) == KH_OK, "boot");
  CHECK(kh_receiver_begin(&receiver, example_receiver_blob, KH_HEAD_BYTES, SUNDAY, &installation) == KH_OK, "begin");
  CHECK(kh_receiver_append(&receiver, rest, length, &installation) == KH_OK, "append");
  CHECK(kh_receiver_finish(&receiver, SUNDAY, &installation) == KH_OK, "finish");
  CHECK(installation.sequence == 12u, "finish");
  CHECK((kh_receiver_begin_session(&receiver, &session, SUNDAY + 60, &decision) == KH_OK) && (decision.verdict == KH_ALLOW), "a session");
  CHECK(kh_receiver_boot(&receiver, &config, &made, &layout) == KH_OK, "power cycle");
  CHECK((kh_receiver_damage(&receiver, &found) == KH_OK) && (found == 0u), "power cycle");
  CHECK((kh_receiver_believed_time(&receiver, SUNDAY + 60, &believed) == KH_OK) && (believed == (SUNDAY + 60)), "power cycle");
  CHECK((kh_receiver_believed_time(&receiver, SUNDAY - 86400, &believed) == KH_OK) && (believed == KH_TIME_UNKNOWN), "a day back");
  CHECK((kh_receiver_end_session(&receiver, &session, SUNDAY + 120, &decision) == KH_OK) && (decision.verdict == KH_ALLOW), "its end");
  CHECK(kh_receiver_report(&receiver, NULL, 0, SUNDAY, bytes, sizeof bytes, &written) == KH_OK, "report");
  CHECK((written > 0u) && (written <= KH_REPORT_BYTES), "report");
  config.receiver++;
  CHECK(kh_receiver_boot(&receiver, &config, &made, &layout) == KH_OK, "another receiver");
  CHECK(kh_receiver_end_session(&receiver, &session, SUNDAY + 120, &decision) == KH_OK, "another receiver");
  CHECK(decision.verdict == KH_DENY, "has no use for its policy");
  memcpy(&before, &flash, sizeof before);
  CHECK(power_on() == KH_FLASH_FOREIGN, "a receiver's flash in a panel");
  CHECK(memcmp(before.bytes, flash.bytes, sizeof flash.bytes) == 0, "a receiver's flash in a panel");
  CHECK(flash.offences == 0u, "a flash's rules");
}

int main(void) {
  booting();
  lockouts_and_policies_survive();
  patches();
  a_torn_write_takes_nothing_back();
  a_torn_installation_leaves_a_policy();
  drivers_that_are_wrong();
  blobs_in_pieces();
  key_changes();
  clock_corrections();
  damages();
  reports();
  receivers();
  return check_result("stored");
}
