/*
 * Every function with numbers and lengths good and bad: what it answers, and that a call that is not carried out changes nothing.
 */
#include "check.h"

#ifdef CHECK_VALGRIND
#include <valgrind/memcheck.h>
#endif

/*
 * Whether two devices are the same, byte for byte. Bytes between the fields of what a device holds are never written, which
 * valgrind would report as read here: it is shown copies that are declared written.
 */
static int same(const void *one, const void *other, size_t size) {
#ifdef CHECK_VALGRIND
  static uint8_t copies[2][KH_RECEIVER_SIZE + KH_PANEL_SIZE];
  memcpy(copies[0], one, size);
  memcpy(copies[1], other, size);
  (void)VALGRIND_MAKE_MEM_DEFINED(copies, sizeof copies);
  return memcmp(copies[0], copies[1], size) == 0;
#else
  return memcmp(one, other, size) == 0;
#endif
}

static kh_panel panel;
static kh_panel before;
static kh_receiver receiver;
static uint8_t blob[4096];

/* Asks with garbage in the output. What is not carried out has to leave the device as it was, byte for byte. */
#define ASK(function, device, copy, request, output, refuses, expected, row)         \
  do {                                                                               \
    kh_status status_;                                                               \
    memcpy((copy), (device), sizeof *(device));                                      \
    memset((output), GARBAGE, sizeof *(output));                                     \
    status_ = function((device), (request), MONDAY, (output));                       \
    check(status_ == (expected), #function, (row), "the status");                    \
    if ((expected) != KH_OK) {                                                       \
      check(refuses(output), #function, (row), "the output refuses");                \
      check(same((copy), (device), sizeof *(device)), #function, (row), "nothing has changed"); \
    }                                                                                \
  } while (0)

typedef void (*spoil_open_close)(kh_open_close *request);
static void is_good(kh_open_close *request) { (void)request; }
static void action_0(kh_open_close *request) { request->action = 0; }
static void action_3(kh_open_close *request) { request->action = 3; }
static void action_255(kh_open_close *request) { request->action = 255; }
static void closes(kh_open_close *request) { request->action = KH_ACTION_CLOSE; }
static void kind_0(kh_open_close *request) { request->who.kind = 0; }
static void kind_6(kh_open_close *request) { request->who.kind = 6; }
static void system_0(kh_open_close *request) { request->place.system = 0; }
static void system_9(kh_open_close *request) { request->place.system = 9; }
static void system_8(kh_open_close *request) { request->place.system = 8; }
static void no_area(kh_open_close *request) { request->place.areas = 0; }
static void all_areas(kh_open_close *request) { request->place.areas = 0xFFFFFFFFu; }
static void remote_2(kh_open_close *request) { request->remote = 2; }
static void remote_1(kh_open_close *request) { request->remote = 1; }
static void alarm_2(kh_open_close *request) { request->in_alarm = 2; }
static void alarm_1(kh_open_close *request) { request->in_alarm = 1; }
static void armer_1000(kh_open_close *request) { request->armed_by = 1000; }
static void armer_999(kh_open_close *request) { request->armed_by = 999; }
static void user_0(kh_open_close *request) {
  request->who.kind = KH_WHO_USER;
  request->who.user = 0;
}
static void user_1000(kh_open_close *request) {
  request->who.kind = KH_WHO_USER_AND_CODE;
  request->who.user = 1000;
}
static void user_999(kh_open_close *request) {
  request->who.kind = KH_WHO_USER_AND_CODE;
  request->who.user = 999;
}
static void typed_null(kh_open_close *request) { request->who.typed = NULL; }
static void typed_nothing(kh_open_close *request) { request->who.typed_length = 0; }
static void typed_65(kh_open_close *request) { request->who.typed_length = 65; }
static void typed_far_too_long(kh_open_close *request) { request->who.typed_length = (size_t)-1; }
static void typed_64(kh_open_close *request) {
  request->who.typed = example_panel_blob;
  request->who.typed_length = 64;
}
static void user_needs_no_text(kh_open_close *request) {
  request->who = who_typed(KH_WHO_USER, 12, "");
  request->who.typed = NULL;
  request->who.typed_length = (size_t)-1;
}

static void open_close(void) {
  static const struct {
    const char *name;
    spoil_open_close spoil;
    kh_status status;
    kh_verdict verdict;
    kh_reason reason;
  } rows[] = {
      {"good", is_good, KH_OK, KH_ALLOW, KH_REASON_WITHIN_SCHEDULE},
      {"closing", closes, KH_OK, KH_ALLOW, KH_REASON_WITHIN_SCHEDULE},
      {"remote", remote_1, KH_OK, KH_ALLOW, KH_REASON_WITHIN_SCHEDULE},
      {"in alarm", alarm_1, KH_OK, KH_ALLOW, KH_REASON_WITHIN_SCHEDULE},
      {"armed by 999", armer_999, KH_OK, KH_ALLOW, KH_REASON_WITHIN_SCHEDULE},
      {"user number alone", user_needs_no_text, KH_OK, KH_ALLOW, KH_REASON_WITHIN_SCHEDULE},
      {"system 8, which the site has not", system_8, KH_OK, KH_DENY, KH_REASON_AREA_NOT_ASSIGNED},
      {"all areas, which the contact has not", all_areas, KH_OK, KH_DENY, KH_REASON_AREA_NOT_ASSIGNED},
      {"user 999 and another's code", user_999, KH_OK, KH_DENY, KH_REASON_UNKNOWN_CODE},
      {"nothing typed", typed_nothing, KH_OK, KH_DENY, KH_REASON_UNKNOWN_CODE},
      {"the longest that can be typed", typed_64, KH_OK, KH_DENY, KH_REASON_UNKNOWN_CODE},
      {"action 0", action_0, KH_BAD_VALUE, KH_DENY, 0},
      {"action 3", action_3, KH_BAD_VALUE, KH_DENY, 0},
      {"action 255", action_255, KH_BAD_VALUE, KH_DENY, 0},
      {"kind of who 0", kind_0, KH_BAD_VALUE, KH_DENY, 0},
      {"kind of who 6", kind_6, KH_BAD_VALUE, KH_DENY, 0},
      {"system 0", system_0, KH_BAD_VALUE, KH_DENY, 0},
      {"system 9", system_9, KH_BAD_VALUE, KH_DENY, 0},
      {"no area", no_area, KH_BAD_VALUE, KH_DENY, 0},
      {"remote 2", remote_2, KH_BAD_VALUE, KH_DENY, 0},
      {"in alarm 2", alarm_2, KH_BAD_VALUE, KH_DENY, 0},
      {"armed by 1000", armer_1000, KH_BAD_VALUE, KH_DENY, 0},
      {"user 0", user_0, KH_BAD_VALUE, KH_DENY, 0},
      {"user 1000", user_1000, KH_BAD_VALUE, KH_DENY, 0},
      {"typed NULL", typed_null, KH_NULL, KH_DENY, 0},
      {"65 bytes typed", typed_65, KH_BAD_LENGTH, KH_DENY, 0},
      {"as much typed as there is", typed_far_too_long, KH_BAD_LENGTH, KH_DENY, 0},
  };
  size_t index;
  for (index = 0; index < (sizeof rows / sizeof rows[0]); index++) {
    kh_open_close request = good_open_close();
    kh_decision decision;
    rows[index].spoil(&request);
    ASK(kh_panel_open_close, &panel, &before, &request, &decision, refuses_decision, rows[index].status, rows[index].name);
    CHECK(decision.verdict == rows[index].verdict, rows[index].name);
    CHECK(decision.reason == rows[index].reason, rows[index].name);
    CHECK((decision.verdict == KH_DENY) || (decision.user == 12u), rows[index].name);
  }
}

typedef void (*spoil_act)(kh_act *request);
static void whole_site(kh_act *request) { memset(&request->areas, 0xFF, sizeof request->areas); }
static void act_0(kh_act *request) { request->kind = 0; }
static void act_15(kh_act *request) { request->kind = 15; }
static void cancel(kh_act *request) { request->kind = KH_ACT_CANCEL_ALARM; }
static void edit(kh_act *request) { request->kind = KH_ACT_EDIT_CUSTOMER; }
static void receive(kh_act *request) { request->kind = KH_ACT_RECEIVE_INFORMATION; }
static void test(kh_act *request) {
  request->kind = KH_ACT_TEST;
  whole_site(request);
}
static void test_nothing(kh_act *request) { request->kind = KH_ACT_TEST; }
static void end_test(kh_act *request) {
  request->kind = KH_ACT_END_TEST;
  whole_site(request);
}
static void extend(kh_act *request) {
  request->kind = KH_ACT_EXTEND_CLOSING;
  request->place.system = 1;
  request->place.areas = 1;
  request->minutes = 30;
}
static void extend_nowhere(kh_act *request) { request->kind = KH_ACT_EXTEND_CLOSING; }
static void set_span(kh_act *request) {
  request->kind = KH_ACT_SET_SPAN;
  request->closed = 1;
  request->schedule = 1;
  request->date = 20781;
}
static void set_span_closed_2(kh_act *request) {
  set_span(request);
  request->closed = 2;
}
static void open_window(kh_act *request) {
  extend(request);
  request->kind = KH_ACT_OPEN_WINDOW;
}
static void open_window_system_9(kh_act *request) {
  open_window(request);
  request->place.system = 9;
}
static void suspend(kh_act *request) {
  request->kind = KH_ACT_SUSPEND;
  request->target = 12;
}
static void reinstate(kh_act *request) {
  request->kind = KH_ACT_REINSTATE;
  request->target = 12;
}
static void suspend_0(kh_act *request) { request->kind = KH_ACT_SUSPEND; }
static void reinstate_1000(kh_act *request) {
  request->kind = KH_ACT_REINSTATE;
  request->target = 1000;
}
static void grant(kh_act *request) {
  request->kind = KH_ACT_GRANT;
  request->engineer = 41;
}
static void grant_to_nobody(kh_act *request) { request->kind = KH_ACT_GRANT; }
static void grant_answers_2(kh_act *request) {
  grant(request);
  request->answers_request = 2;
}
static void revoke(kh_act *request) {
  request->kind = KH_ACT_REVOKE;
  request->grant = 900;
}
static void revoke_nothing(kh_act *request) { request->kind = KH_ACT_REVOKE; }
static void lift(kh_act *request) { request->kind = KH_ACT_LIFT; }
static void restrict_site(kh_act *request) { request->kind = KH_ACT_RESTRICT; }
static void act_remote_2(kh_act *request) { request->remote = 2; }
static void act_with_passcode(kh_act *request) { request->who = who_typed(KH_WHO_PASSCODE, 0, "bluebird"); }
static void act_with_own_passcode(kh_act *request) { request->who = who_typed(KH_WHO_USER_AND_PASSCODE, 1, "bluebird"); }
static void act_typed_null(kh_act *request) {
  act_with_passcode(request);
  request->who.typed = NULL;
}

static void act(void) {
  static const struct {
    const char *name;
    spoil_act spoil;
    kh_status status;
    kh_reason reason;
  } rows[] = {
      {"cancel", cancel, KH_OK, KH_REASON_PERMITTED},
      {"with a passcode", act_with_passcode, KH_OK, KH_REASON_PERMITTED},
      {"with number and passcode", act_with_own_passcode, KH_OK, KH_REASON_PERMITTED},
      {"edit", edit, KH_OK, KH_REASON_NOT_PERMITTED},
      {"receive", receive, KH_OK, KH_REASON_NOT_PERMITTED},
      {"test", test, KH_OK, KH_REASON_PERMITTED},
      {"end test", end_test, KH_OK, KH_REASON_PERMITTED},
      {"test nothing", test_nothing, KH_OK, KH_REASON_AREA_NOT_ASSIGNED},
      {"extend", extend, KH_OK, KH_REASON_NOT_PERMITTED},
      {"set span", set_span, KH_OK, KH_REASON_NOT_PERMITTED},
      {"open window", open_window, KH_OK, KH_REASON_NOT_PERMITTED},
      {"suspend", suspend, KH_OK, KH_REASON_PERMITTED},
      {"reinstate", reinstate, KH_OK, KH_REASON_PERMITTED},
      {"grant", grant, KH_OK, KH_REASON_PERMITTED},
      {"revoke", revoke, KH_OK, KH_REASON_PERMITTED},
      {"lift", lift, KH_OK, KH_REASON_NOT_PERMITTED},
      {"restrict", restrict_site, KH_OK, KH_REASON_NOT_PERMITTED},
      {"kind 0", act_0, KH_BAD_VALUE, 0},
      {"kind 15", act_15, KH_BAD_VALUE, 0},
      {"extend nowhere", extend_nowhere, KH_BAD_VALUE, 0},
      {"closed 2", set_span_closed_2, KH_BAD_VALUE, 0},
      {"window in system 9", open_window_system_9, KH_BAD_VALUE, 0},
      {"suspend nobody", suspend_0, KH_BAD_VALUE, 0},
      {"reinstate 1000", reinstate_1000, KH_BAD_VALUE, 0},
      {"grant to nobody", grant_to_nobody, KH_BAD_VALUE, 0},
      {"answers 2", grant_answers_2, KH_BAD_VALUE, 0},
      {"revoke nothing", revoke_nothing, KH_BAD_VALUE, 0},
      {"remote 2", act_remote_2, KH_BAD_VALUE, 0},
      {"told NULL", act_typed_null, KH_NULL, 0},
  };
  size_t index;
  for (index = 0; index < (sizeof rows / sizeof rows[0]); index++) {
    kh_act request = good_act();
    kh_decision decision;
    rows[index].spoil(&request);
    ASK(kh_panel_act, &panel, &before, &request, &decision, refuses_decision, rows[index].status, rows[index].name);
    CHECK(decision.reason == rows[index].reason, rows[index].name);
    CHECK((decision.verdict == KH_ALLOW) == (rows[index].reason == KH_REASON_PERMITTED), rows[index].name);
  }
}

static void engineers(void) {
  static const struct {
    const char *name;
    uint32_t engineer;
    uint32_t site;
    kh_capabilities capabilities;
    kh_status status;
    kh_reason reason;
  } rows[] = {
      {"what everybody may", 41, EXAMPLE_SITE, KH_CAPABILITY_VIEW_SETTINGS, KH_OK, KH_REASON_READ_ONLY_BASELINE},
      {"more than that", 41, EXAMPLE_SITE, KH_CAPABILITY_READ_LOG, KH_OK, 0},
      {"nobody known", 42, EXAMPLE_SITE, KH_CAPABILITY_VIEW_SETTINGS, KH_OK, KH_REASON_UNKNOWN_ENGINEER},
      {"another site", 41, 8, KH_CAPABILITY_VIEW_SETTINGS, KH_OK, KH_REASON_UNKNOWN_SITE},
      {"engineer 0", 0, EXAMPLE_SITE, KH_CAPABILITY_VIEW_SETTINGS, KH_BAD_VALUE, 0},
      {"site 0", 41, 0, KH_CAPABILITY_VIEW_SETTINGS, KH_BAD_VALUE, 0},
      {"unknown capability", 41, EXAMPLE_SITE, 0x0400, KH_BAD_VALUE, 0},
      {"all bits", 41, EXAMPLE_SITE, 0xFFFF, KH_BAD_VALUE, 0},
  };
  size_t index;
  for (index = 0; index < (sizeof rows / sizeof rows[0]); index++) {
    kh_engineer_request request = good_engineer();
    kh_session_request session = good_session();
    kh_decision decision;
    const int is_about_capabilities = (rows[index].capabilities & 0xFC00u) != 0u;
    request.engineer = rows[index].engineer;
    request.site = rows[index].site;
    request.capabilities = rows[index].capabilities;
    session.engineer = rows[index].engineer;
    session.site = rows[index].site;
    ASK(kh_panel_engineer, &panel, &before, &request, &decision, refuses_decision, rows[index].status, rows[index].name);
    CHECK((rows[index].reason == 0u) || (decision.reason == rows[index].reason), rows[index].name);
    if (!is_about_capabilities) {
      ASK(kh_panel_begin_session, &panel, &before, &session, &decision, refuses_decision, rows[index].status, rows[index].name);
      ASK(kh_panel_end_session, &panel, &before, &session, &decision, refuses_decision, rows[index].status, rows[index].name);
    }
  }
}

static void updates(void) {
  static const struct {
    const char *name;
    /* Sixteen bytes. */
    const char *model;
    uint32_t engineer;
    uint32_t site;
    kh_status status;
    kh_reason reason;
  } rows[] = {
      {"authorised", "KP-200\0\0\0\0\0\0\0\0\0\0", 41, EXAMPLE_SITE, KH_OK, KH_REASON_AUTHORISED},
      {"another model", "KP-201\0\0\0\0\0\0\0\0\0\0", 41, EXAMPLE_SITE, KH_OK, KH_REASON_WRONG_MODEL},
      {"the longest name", "KP-2010123456789", 41, EXAMPLE_SITE, KH_OK, KH_REASON_WRONG_MODEL},
      {"no name", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 41, EXAMPLE_SITE, KH_BAD_VALUE, 0},
      {"a name after the name", "KP-200\0B\0\0\0\0\0\0\0\0", 41, EXAMPLE_SITE, KH_BAD_VALUE, 0},
      {"not printable", "KP-\n00\0\0\0\0\0\0\0\0\0\0", 41, EXAMPLE_SITE, KH_BAD_VALUE, 0},
      {"not ASCII", "KP-\xFF\xFE\0\0\0\0\0\0\0\0\0\0\0", 41, EXAMPLE_SITE, KH_BAD_VALUE, 0},
      {"engineer 0", "KP-200\0\0\0\0\0\0\0\0\0\0", 0, EXAMPLE_SITE, KH_BAD_VALUE, 0},
      {"site 0", "KP-200\0\0\0\0\0\0\0\0\0\0", 41, 0, KH_BAD_VALUE, 0},
  };
  size_t index;
  for (index = 0; index < (sizeof rows / sizeof rows[0]); index++) {
    kh_update_request request = good_update();
    kh_decision decision;
    memcpy(request.model, rows[index].model, sizeof request.model);
    request.engineer = rows[index].engineer;
    request.site = rows[index].site;
    ASK(kh_panel_update, &panel, &before, &request, &decision, refuses_decision, rows[index].status, rows[index].name);
    CHECK(decision.reason == rows[index].reason, rows[index].name);
  }
}

static void blobs(void) {
  static const struct {
    const char *name;
    size_t length;
    /* Which byte is changed, to what; none if it is behind the blob. */
    size_t at;
    uint8_t value;
    kh_instant now;
    kh_status status;
    kh_status head_status;
  } rows[] = {
      {"the same again", sizeof example_panel_blob, 4000, 0, SUNDAY, KH_OK, KH_OK},
      {"nothing", 0, 4000, 0, SUNDAY, KH_NOT_A_BLOB, KH_NOT_A_BLOB},
      {"a head alone", 144, 4000, 0, SUNDAY, KH_NOT_A_BLOB, KH_OK},
      {"less than a head", 143, 4000, 0, SUNDAY, KH_NOT_A_BLOB, KH_NOT_A_BLOB},
      {"one byte short", sizeof example_panel_blob - 1u, 4000, 0, SUNDAY, KH_NOT_A_BLOB, KH_OK},
      {"another magic", sizeof example_panel_blob, 0, 'X', SUNDAY, KH_NOT_A_BLOB, KH_NOT_A_BLOB},
      {"another version", sizeof example_panel_blob, 4, 9, SUNDAY, KH_NEWER_FORMAT, KH_NEWER_FORMAT},
      {"another recipient", sizeof example_panel_blob, 8, 8, SUNDAY, KH_WRONG_RECIPIENT, KH_OK},
      {"another key", sizeof example_panel_blob, 40, 0, SUNDAY, KH_UNKNOWN_KEY, KH_OK},
      {"another sequence", sizeof example_panel_blob, 16, 4, SUNDAY, KH_BAD_SIGNATURE, KH_OK},
      {"another policy", sizeof example_panel_blob, 200, 0xFF, SUNDAY, KH_BAD_SIGNATURE, KH_OK},
      {"longer than any", (size_t)KH_LONGEST_BLOB + 1u, 4000, 0, SUNDAY, KH_BAD_LENGTH, KH_BAD_LENGTH},
      {"as long as there is", (size_t)-1, 4000, 0, SUNDAY, KH_BAD_LENGTH, KH_BAD_LENGTH},
  };
  size_t index;
  for (index = 0; index < (sizeof rows / sizeof rows[0]); index++) {
    kh_installation installation;
    kh_head head;
    const int reached = rows[index].status != KH_BAD_LENGTH;
    memset(blob, 0, sizeof blob);
    memcpy(blob, example_panel_blob, sizeof example_panel_blob);
    blob[rows[index].at] = rows[index].value;
    memcpy(&before, &panel, sizeof before);
    memset(&installation, GARBAGE, sizeof installation);
    memset(&head, GARBAGE, sizeof head);
    CHECK(kh_panel_install(&panel, blob, rows[index].length, rows[index].now, &installation) == rows[index].status, rows[index].name);
    CHECK(same(&before, &panel, sizeof before), rows[index].name);
    CHECK(installation.sequence == (reached ? 3u : 0u), rows[index].name);
    CHECK(installation.outcome == ((rows[index].status == KH_OK) ? KH_POLICY_ALREADY_INSTALLED : KH_POLICY_UNCHANGED), rows[index].name);
    CHECK(installation.version == ((rows[index].status == KH_NEWER_FORMAT) ? 9u : 0u), rows[index].name);
    CHECK(kh_blob_head(blob, rows[index].length, &head) == rows[index].head_status, rows[index].name);
    CHECK((rows[index].head_status == KH_OK) || refuses_head(&head), rows[index].name);
  }
  {
    kh_installation installation;
    CHECK(kh_panel_install(&panel, example_receiver_blob, sizeof example_receiver_blob, SUNDAY, &installation) == KH_WRONG_RECIPIENT, "a receiver's");
    CHECK(kh_receiver_install(&receiver, example_panel_blob, sizeof example_panel_blob, SUNDAY, &installation) == KH_WRONG_RECIPIENT, "a panel's");
    CHECK(installation.sequence == 12u, "the receiver keeps its own");
  }
}

static void dates(void) {
  static const struct {
    const char *name;
    uint16_t year;
    uint8_t month;
    uint8_t day;
    kh_status status;
    kh_date date;
  } rows[] = {
      {"the first", 1970, 1, 1, KH_OK, 0},       {"a leap day", 2028, 2, 29, KH_OK, 21243},
      {"the last", 2499, 12, 31, KH_OK, 193578}, {"no leap day", 2027, 2, 29, KH_BAD_VALUE, 0},
      {"31 June", 2026, 6, 31, KH_BAD_VALUE, 0}, {"month 0", 2026, 0, 1, KH_BAD_VALUE, 0},
      {"month 13", 2026, 13, 1, KH_BAD_VALUE, 0}, {"day 0", 2026, 1, 0, KH_BAD_VALUE, 0},
      {"day 32", 2026, 1, 32, KH_BAD_VALUE, 0},  {"too early", 1969, 12, 31, KH_BAD_VALUE, 0},
      {"too late", 2500, 1, 1, KH_BAD_VALUE, 0}, {"far too late", 65535, 255, 255, KH_BAD_VALUE, 0},
  };
  size_t index;
  for (index = 0; index < (sizeof rows / sizeof rows[0]); index++) {
    kh_date date = -1;
    CHECK(kh_date_of(rows[index].year, rows[index].month, rows[index].day, &date) == rows[index].status, rows[index].name);
    CHECK(date == rows[index].date, rows[index].name);
  }
}

/* What a device is made from. */
static void configurations(void) {
  kh_panel_config config;
  kh_receiver_config head;
  memset(&config, 0x11, sizeof config);
  memset(&head, 0x11, sizeof head);
  memcpy(&before, &panel, sizeof before);
  config.site = 0;
  CHECK(kh_panel_init(&panel, &config) == KH_BAD_VALUE, "site 0");
  config.site = 7;
  memset(config.code_key, 0, sizeof config.code_key);
  CHECK(kh_panel_init(&panel, &config) == KH_BAD_VALUE, "a code key of zeros");
  memset(config.code_key, 0xFF, sizeof config.code_key);
  CHECK(kh_panel_init(&panel, &config) == KH_BAD_VALUE, "a code key as erased flash has it");
  memset(config.code_key, 0x11, sizeof config.code_key);
  memset(config.cloud_key, 0xFF, sizeof config.cloud_key);
  CHECK(kh_panel_init(&panel, &config) == KH_BAD_VALUE, "a cloud key as erased flash has it");
  memset(config.cloud_key, 0x22, sizeof config.cloud_key);
  memset(config.recovery_key, 0xFF, sizeof config.recovery_key);
  CHECK(kh_panel_init(&panel, &config) == KH_BAD_VALUE, "a recovery key as erased flash has it");
  memset(config.recovery_key, 0x22, sizeof config.recovery_key);
  CHECK(kh_panel_init(&panel, &config) == KH_BAD_VALUE, "a recovery key that is the cloud's other one");
  CHECK(same(&before, &panel, sizeof before), "nothing has changed");
  head.receiver = 0;
  CHECK(kh_receiver_init(&receiver, &head) == KH_BAD_VALUE, "receiver 0");
  head.receiver = 7;
  memset(head.cloud_key, 0, sizeof head.cloud_key);
  CHECK(kh_receiver_init(&receiver, &head) == KH_BAD_VALUE, "a cloud key of zeros");
  memset(head.cloud_key, 0x11, sizeof head.cloud_key);
  CHECK(kh_receiver_init(&receiver, &head) == KH_BAD_VALUE, "a recovery key that is the cloud's other one");
}

/* What there is to find, and what there is not. */
static void lookups(void) {
  kh_identity eve;
  kh_provenance provenance;
  kh_area_list areas;
  uint32_t id = 1;
  memcpy(eve.bytes, example_eve, sizeof eve.bytes);
  CHECK(kh_panel_engineer_id(&panel, &eve, &id) == KH_OK, "eve");
  CHECK(id == 41u, "eve");
  CHECK(kh_receiver_engineer_id(&receiver, &eve, &id) == KH_OK, "eve");
  CHECK(id == 41u, "eve");
  eve.bytes[0] ^= 1u;
  CHECK(kh_panel_engineer_id(&panel, &eve, &id) == KH_NOT_FOUND, "nobody");
  CHECK(id == 0u, "nobody");
  id = 1;
  CHECK(kh_receiver_engineer_id(&receiver, &eve, &id) == KH_NOT_FOUND, "nobody");
  CHECK(id == 0u, "nobody");
  CHECK(kh_panel_provenance(&panel, &provenance) == KH_OK, "installed");
  CHECK((provenance.sequence == 3u) && (provenance.issued_at == SUNDAY), "installed");
  CHECK(memcmp(provenance.digest, &example_panel_blob[48], sizeof provenance.digest) == 0, "installed");
  CHECK(kh_panel_areas(&panel, &areas) == KH_OK, "installed");
  CHECK((areas.systems[0] == 0x7u) && (areas.systems[1] == 0u) && (areas.systems[7] == 0u), "installed");
}

/* A new device and a wiped one. */
static void empty_and_wiped(void) {
  kh_panel_config config;
  kh_provenance provenance;
  kh_area_list areas;
  kh_open_close request = good_open_close();
  kh_decision decision;
  memset(&config, 0x11, sizeof config);
  memset(config.recovery_key, 0, sizeof config.recovery_key);
  CHECK(kh_panel_init(&panel, &config) == KH_OK, "new");
  memset(&provenance, GARBAGE, sizeof provenance);
  CHECK(kh_panel_provenance(&panel, &provenance) == KH_NOT_FOUND, "new");
  CHECK(refuses_provenance(&provenance), "new");
  memset(&areas, GARBAGE, sizeof areas);
  CHECK(kh_panel_areas(&panel, &areas) == KH_NOT_FOUND, "new");
  CHECK(refuses_areas(&areas), "new");
  CHECK(kh_panel_open_close(&panel, &request, MONDAY, &decision) == KH_OK, "new");
  CHECK((decision.verdict == KH_DENY) && (decision.reason == KH_REASON_UNKNOWN_CODE), "new");
  CHECK(kh_panel_wipe(&panel) == KH_OK, "wiped");
  CHECK(is_zero((const uint8_t *)&panel, sizeof panel), "wiped");
  memset(&decision, GARBAGE, sizeof decision);
  CHECK(kh_panel_open_close(&panel, &request, MONDAY, &decision) == KH_NOT_INITIALISED, "wiped");
  CHECK(refuses_decision(&decision), "wiped");
  CHECK(kh_receiver_wipe(&receiver) == KH_OK, "wiped");
  CHECK(is_zero((const uint8_t *)&receiver, sizeof receiver), "wiped");
}

int main(void) {
  make_panel(&panel);
  make_receiver(&receiver);
  blobs();
  open_close();
  act();
  engineers();
  updates();
  dates();
  lookups();
  configurations();
  empty_and_wiped();
  return check_result("values");
}
