#include "panel.h"

#include <string.h>

#include "hardware.h"
#include "log.h"
#include "request.h"

/* What only a bench may do over the line: hold the clock, and say which areas are armed. The second disarms without a code, a decision or a report. */
#if defined(PANEL_ON_BENCH)
enum { IS_ON_BENCH = 1 };
#else
enum { IS_ON_BENCH = 0 };
#endif

/* Milliseconds to leave in, after arming at the keypad. */
static const uint32_t EXIT = 30000;
/* Milliseconds to get to the keypad in, before the siren sounds. */
static const uint32_t ENTRY = 30000;
/* Milliseconds that the siren sounds at most. What the law allows is different from country to country. */
static const uint32_t SIREN = 15 * 60000;
/* Milliseconds that a message stands. */
static const uint32_t MESSAGE = 3000;
/* Milliseconds after which what was typed so far is forgotten. */
static const uint32_t FORGET = 10000;
/* Milliseconds between two looks at the clock. */
static const uint32_t LOOK = 250;
/* Deadlines reported in one step, so that keys and the line are not left waiting after a long gap. */
static const int DEADLINES = 16;
/* How the flash is divided: two slots for policies, each as long as the longest that fits a standard panel, and two copies of the ledger's journal. */
enum { SLOT = 32 * 1024, JOURNAL = 20 * 1024 };
_Static_assert(JOURNAL >= KH_PANEL_JOURNAL_BYTES, "the ledger does not fit");
static const kh_layout LAYOUT = {SLOT, JOURNAL};

static bool has_policy(const struct panel *panel, uint64_t *sequence) {
  kh_provenance provenance;
  const bool is_there = kh_panel_provenance(&panel->core, &provenance) == KH_OK;
  *sequence = provenance.sequence;
  return is_there;
}

/* The place of the keypad, once there is a policy that has it. */
static bool has_place(const struct panel *panel, kh_place *place) {
  kh_area_list of_site;
  *place = panel->keypad_place;
  if (kh_panel_areas(&panel->core, &of_site) != KH_OK) {
    return false;
  }
  if (place->areas == 0u) {
    place->areas = of_site.systems[place->system - 1u];
  }
  return place->areas != 0u;
}

static void watch_begin(struct panel *panel, enum watch watch, uint32_t milliseconds) {
  panel->watch = watch;
  panel->watch_since = milliseconds;
  panel->look_is_due = true;
}

static bool is_in_alarm(const struct panel *panel) { return (panel->watch == WATCH_ALARM) || (panel->watch == WATCH_SILENCED); }

static struct state state_of(const struct panel *panel) {
  struct state state = {0};
  state.has_policy = has_policy(panel, &state.sequence);
  state.is_in_alarm = is_in_alarm(panel);
  state.site = panel->site;
  state.time = clock_time(&panel->clock);
  state.armed = panel->arming.armed;
  return state;
}

kh_status panel_start(struct panel *panel, const struct identity *identity, const kh_flash *flash) {
  const kh_status status = kh_panel_boot(&panel->core, &identity->config, flash, &LAYOUT);
  struct text line = {0};
  struct payload payload;
  struct state state;
  kh_damage damage;
  if (status != KH_OK) {
    return status;
  }
  (void)kh_panel_damage(&panel->core, &damage);
  if (damage != 0u) {
    struct text warning = {0};
    text_add(&warning, "the flash was found damaged: ");
    text_add_number(&warning, damage);
    /* After a loss of power in the middle of something this is as it should be. */
    log_text(LOG_WARN, &warning);
  }
  panel->site = identity->config.site;
  panel->keypad_place = identity->keypad;
  panel->supervised = KH_NEVER;
  panel->look_is_due = true;
  arming_start(&panel->arming);
  state = state_of(panel);
  text_add(&line, "panel ");
  text_add_number(&line, state.site);
  text_add(&line, " started, policy ");
  text_add_number(&line, state.sequence);
  text_add(&line, ", all areas armed");
  log_text(LOG_INFO, &line);
  payload = payload_of_state(&state);
  line_tell(&panel->line, TOLD_STARTED, &payload);
  return KH_OK;
}

/* An allowed opening or closing happens. */
static void carry_out(struct panel *panel, const kh_open_close *asked, const kh_decision *decision) {
  kh_place keypad;
  if (!is_allowed(decision)) {
    return;
  }
  arming_set(&panel->arming, asked->place, asked->action == KH_ACTION_CLOSE, decision->user);
  if ((asked->action == KH_ACTION_OPEN) && has_place(panel, &keypad) && (asked->place.system == keypad.system) &&
      ((asked->place.areas & keypad.areas) != 0u)) {
    panel->watch = WATCH_QUIET;
  }
}

/* A call that the library did not carry out had numbers in it that mean nothing. */
static struct answer answer_to(kh_status status, const kh_decision *decision) {
  return (status == KH_OK) ? answer_decided(decision) : answer_failed(FAILURE_NOT_UNDERSTOOD);
}

static struct answer answer_clock(struct panel *panel, kh_instant time, bool is_held) {
  struct text line = {0};
  kh_instant now;
  clock_set(&panel->clock, time);
  panel->clock_is_held = is_held && IS_ON_BENCH;
  now = clock_time(&panel->clock);
  text_add(&line, "the clock is set to ");
  if (now == KH_TIME_UNKNOWN) {
    text_add(&line, "Unknown");
  } else {
    text_add(&line, "Known(Instant(");
    text_add_signed(&line, now);
    text_add(&line, "))");
  }
  log_text(LOG_INFO, &line);
  return answer_done();
}

static struct answer answer_open_close(struct panel *panel, kh_open_close asked, bool armed_by_is_given, kh_instant now) {
  kh_decision decision;
  kh_status status;
  if (!armed_by_is_given) {
    asked.armed_by = arming_armer(&panel->arming, asked.place);
  }
  asked.in_alarm |= is_in_alarm(panel);
  status = kh_panel_open_close(&panel->core, &asked, now, &decision);
  carry_out(panel, &asked, &decision);
  return answer_to(status, &decision);
}

/* A part of the report to the cloud, which is made anew with the first. Deadlines are none in it: they have been told when they passed. */
static struct answer answer_report(struct panel *panel, uint16_t offset, kh_instant now) {
  if ((offset == 0u) && (kh_panel_report(&panel->core, NULL, 0, now, panel->report, sizeof panel->report, &panel->report_length) != KH_OK)) {
    panel->report_length = 0;
  }
  return answer_report_part(panel->report, panel->report_length, offset);
}

static struct answer answer_request(struct panel *panel, const struct request *request, kh_instant now) {
  kh_panel *core = &panel->core;
  struct answer answer = {0};
  struct state state;
  kh_decision decision;
  kh_status status;
  kh_due due;
  switch (request->kind) {
    case QUESTION_CLOCK:
      return answer_clock(panel, request->of.clock.time, request->of.clock.is_held);
    case QUESTION_OPEN_CLOSE:
      return answer_open_close(panel, request->of.open_close.asked, request->of.open_close.armed_by_is_given, now);
    case QUESTION_ACT:
      status = kh_panel_act(core, &request->of.act, now, &decision);
      return answer_to(status, &decision);
    case QUESTION_ENGINEER:
      status = kh_panel_engineer(core, &request->of.engineer, now, &decision);
      return answer_to(status, &decision);
    case QUESTION_BEGIN_SESSION:
      status = kh_panel_begin_session(core, &request->of.session, now, &decision);
      return answer_to(status, &decision);
    case QUESTION_END_SESSION:
      status = kh_panel_end_session(core, &request->of.session, now, &decision);
      return answer_to(status, &decision);
    case QUESTION_UPDATE:
      status = kh_panel_update(core, &request->of.update, now, &decision);
      return answer_to(status, &decision);
    case QUESTION_SUPERVISE:
      if (request->of.supervise.armed_is_given && IS_ON_BENCH) {
        arming_set_all(&panel->arming, &request->of.supervise.armed);
      }
      (void)kh_panel_supervise(core, &panel->arming.armed, now, &due);
      return answer_looked(&due);
    case QUESTION_STATE:
      state = state_of(panel);
      answer.kind = ANSWER_STATE;
      answer.payload = payload_of_state(&state);
      return answer;
    case QUESTION_REPORT:
      return answer_report(panel, request->of.report.offset, now);
    case QUESTION_BLOB_BEGIN:
      return arrival_begin(&panel->arrival, core, request->of.blob.bytes, request->of.blob.length, now);
    case QUESTION_BLOB_PART:
      return arrival_append(&panel->arrival, core, request->of.blob.offset, request->of.blob.bytes, request->of.blob.length);
    case QUESTION_BLOB_END:
      return arrival_finish(&panel->arrival, core, now);
    default:
      return answer_failed(FAILURE_NOT_UNDERSTOOD);
  }
}

static void answer_question(struct panel *panel, struct frame *question) {
  const kh_instant now = clock_time(&panel->clock);
  struct request request;
  const struct answer answer = request_read(question->kind, &question->payload, &request) ? answer_request(panel, &request, now)
                                                                                          : answer_failed(FAILURE_NOT_UNDERSTOOD);
  line_answer(&panel->line, question, answer.kind, &answer.payload);
  line_report(&panel->line, &answer.report, now);
  /* What was asked may have changed what is shown. */
  panel->look_is_due = true;
}

/* What the person may know. */
static const char *words_of(kh_public_reason reason) {
  switch (reason) {
    case KH_PUBLIC_ACCEPTED:
      return "ACCEPTED";
    case KH_PUBLIC_KEYPAD_LOCKED:
      return "KEYPAD LOCKED";
    case KH_PUBLIC_NOT_NOW:
      return "NOT NOW";
    case KH_PUBLIC_NOT_ALLOWED:
      return "NOT ALLOWED";
    default:
      return "NOT ACCEPTED";
  }
}

static void say(struct panel *panel, const char *message, uint32_t milliseconds) {
  panel->message = message;
  panel->message_since = milliseconds;
}

/* What was typed is wiped, not only dropped. */
static void forget(struct panel *panel) {
  memset(panel->entry, 0, sizeof panel->entry);
  panel->entry_length = 0;
}

/* The user number that was typed; one that nobody has if it is too long for one. */
static uint32_t user_number(const uint8_t *digits, size_t length) {
  /* With more digits, be they zeros, the code behind them might have lost some of its own. */
  uint32_t number = (length > 3u) ? (KH_LARGEST_USER + 1u) : 0u;
  size_t index;
  for (index = 0; (index < length) && (number <= KH_LARGEST_USER); index++) {
    number = (number * 10u) + (uint32_t)(digits[index] - (uint8_t)'0');
  }
  return number;
}

/* Who asks with what was typed: a code, or a user number, a star and a code. */
static kh_who typed_by(const struct panel *panel) {
  const uint8_t *star = memchr(panel->entry, KEY_STAR, panel->entry_length);
  size_t number_length;
  if (star == NULL) {
    return who_asks(KH_WHO_CODE, 0, panel->entry, panel->entry_length);
  }
  number_length = (size_t)(star - panel->entry);
  return who_asks(KH_WHO_USER_AND_CODE, user_number(panel->entry, number_length), star + 1, panel->entry_length - number_length - 1u);
}

/* A code was typed to its end: it opens what is armed and closes what is open. */
static void entered(struct panel *panel, uint32_t milliseconds) {
  kh_open_close asked = {0};
  kh_decision decision;
  kh_instant now;
  if (!has_place(panel, &asked.place)) {
    forget(panel);
    say(panel, "NO POLICY", milliseconds);
    return;
  }
  now = clock_time(&panel->clock);
  asked.who = typed_by(panel);
  asked.action = arming_is_armed(&panel->arming, asked.place) ? KH_ACTION_OPEN : KH_ACTION_CLOSE;
  asked.armed_by = arming_armer(&panel->arming, asked.place);
  asked.in_alarm = is_in_alarm(panel);
  /* A call that is not carried out leaves a decision that refuses. */
  (void)kh_panel_open_close(&panel->core, &asked, now, &decision);
  forget(panel);
  log_decision(&decision);
  carry_out(panel, &asked, &decision);
  if (is_allowed(&decision) && (asked.action == KH_ACTION_CLOSE)) {
    watch_begin(panel, WATCH_LEAVING, milliseconds);
  }
  line_report(&panel->line, &decision.report, now);
  say(panel, words_of(decision.public_reason), milliseconds);
}

static void type(struct panel *panel, char key) {
  if (panel->entry_length < LONGEST_ENTRY) {
    panel->entry[panel->entry_length] = (uint8_t)key;
    panel->entry_length++;
  }
}

static void take_key(struct panel *panel, char key, uint32_t milliseconds) {
  if ((milliseconds - panel->last_key) >= FORGET) {
    forget(panel);
  }
  panel->last_key = milliseconds;
  panel->message = NULL;
  panel->look_is_due = true;
  if (key == KEY_HASH) {
    if (panel->entry_length > 0u) {
      entered(panel, milliseconds);
    }
  } else if ((key == KEY_STAR) && ((panel->entry_length == 0u) || (memchr(panel->entry, KEY_STAR, panel->entry_length) != NULL))) {
    /* Twice, or first: begin anew. Once after digits: they were a user number. */
    forget(panel);
  } else {
    type(panel, key);
  }
}

/* Burglary is not a decision, so the library has no event for it. */
static void report_alarm(struct panel *panel) {
  kh_report report = {0};
  struct payload payload;
  kh_place place;
  log_words(LOG_WARN, "alarm");
  if (has_place(panel, &place)) {
    report.system = place.system;
    report.areas = place.areas;
    while (((place.areas >> report.contact_id.group) & 1u) == 0u) {
      report.contact_id.group++;
    }
    /* Areas count from 1. */
    report.contact_id.group++;
  }
  report.contact_id.qualifier = 1;
  report.contact_id.event = 130;
  report.sia[0] = 'B';
  report.sia[1] = 'A';
  payload = payload_of_report(&report, clock_time(&panel->clock));
  line_tell(&panel->line, TOLD_REPORT, &payload);
}

/* Looks at the detector. */
static void detect(struct panel *panel, uint32_t milliseconds) {
  kh_place place;
  const bool is_armed = has_place(panel, &place) && arming_is_armed(&panel->arming, place);
  const uint32_t passed = milliseconds - panel->watch_since;
  switch (panel->watch) {
    case WATCH_QUIET:
      if (is_armed && detector_is_high()) {
        watch_begin(panel, WATCH_ENTERING, milliseconds);
      }
      break;
    case WATCH_LEAVING:
      if (!is_armed || (passed >= EXIT)) {
        watch_begin(panel, WATCH_QUIET, milliseconds);
      }
      break;
    case WATCH_ENTERING:
      if (!is_armed) {
        watch_begin(panel, WATCH_QUIET, milliseconds);
      } else if (passed >= ENTRY) {
        watch_begin(panel, WATCH_ALARM, milliseconds);
        report_alarm(panel);
      } else {
        /* There is still time for a code. */
      }
      break;
    case WATCH_ALARM:
      if (passed >= SIREN) {
        watch_begin(panel, WATCH_SILENCED, milliseconds);
      }
      break;
    case WATCH_SILENCED:
      /* Until somebody opens. */
      break;
  }
}

/* Reports what has fallen due, every minute of the clock. */
static void supervise(struct panel *panel, kh_instant now) {
  const kh_instant minute = now / 60;
  int deadline;
  if ((now == KH_TIME_UNKNOWN) || panel->clock_is_held || (panel->supervised == minute)) {
    return;
  }
  for (deadline = 0; deadline < DEADLINES; deadline++) {
    struct text line = {0};
    const char *event;
    kh_due due;
    /* Looked for, a deadline counts as told. */
    if (!line_has_room(&panel->line)) {
      return;
    }
    (void)kh_panel_supervise(&panel->core, &panel->arming.armed, now, &due);
    if (due.kind == KH_DUE_NOTHING) {
      panel->supervised = minute;
      return;
    }
    if (due.kind == KH_DUE_REPORT) {
      (void)kh_event_name(due.report.event, &event);
      text_add(&line, "due: ");
      text_add(&line, event);
      log_text(LOG_INFO, &line);
      line_report(&panel->line, &due.report, due.at);
    }
  }
}

/* Words, and the seconds that are left, with one digit under the other. */
static void add_countdown(struct text *text, const char *words, uint32_t length, uint32_t passed) {
  const uint32_t left = (passed < length) ? (((length - passed) + 999u) / 1000u) : 0u;
  text_add(text, words);
  text_add(text, (left < 10u) ? " " : "");
  text_add_number(text, left);
}

/* Whether the device goes by that clock. It does not if the clock is unknown, nor if it has gone back. */
static bool is_believed(const struct panel *panel, kh_instant now) {
  kh_instant believed;
  return (kh_panel_believed_time(&panel->core, now, &believed) == KH_OK) && (believed != KH_TIME_UNKNOWN);
}

/* What has to be put right first; NULL: nothing. */
static const char *trouble_of(const struct panel *panel, bool has_policy, kh_instant now) {
  kh_damage damage;
  (void)kh_panel_damage(&panel->core, &damage);
  if (!has_policy) {
    return "NO POLICY";
  }
  if (now == KH_TIME_UNKNOWN) {
    return "CLOCK NOT SET";
  }
  if (!is_believed(panel, now)) {
    return "CLOCK WENT BACK";
  }
  return ((damage & (KH_DAMAGE_WRITING | KH_DAMAGE_LOSS)) != 0u) ? "FLASH DAMAGED" : NULL;
}

static void show(struct panel *panel, uint32_t milliseconds, kh_instant now) {
  struct text lines[DISPLAY_LINES] = {0};
  kh_place place;
  const bool has_keypad = has_place(panel, &place);
  const bool is_armed = !has_keypad || arming_is_armed(&panel->arming, place);
  const uint32_t passed = milliseconds - panel->watch_since;
  const char *trouble = trouble_of(panel, has_keypad, now);
  size_t key;
  output_switch(OUTPUT_SIREN, panel->watch == WATCH_ALARM);
  /* Without a policy nothing is watched, and nobody is to believe that it is. */
  output_switch(OUTPUT_ARMED, is_armed && has_keypad);
  output_switch(OUTPUT_OPEN, !is_armed);
  output_switch(OUTPUT_TROUBLE, trouble != NULL);

  if ((milliseconds - panel->last_key) >= FORGET) {
    forget(panel);
  }
  if ((panel->message != NULL) && ((milliseconds - panel->message_since) >= MESSAGE)) {
    panel->message = NULL;
  }
  switch (panel->watch) {
    case WATCH_ALARM:
    case WATCH_SILENCED:
      text_add(&lines[0], "** ALARM **");
      break;
    case WATCH_LEAVING:
      add_countdown(&lines[0], "ARMED, LEAVE ", EXIT, passed);
      break;
    case WATCH_ENTERING:
      add_countdown(&lines[0], "TYPE CODE    ", ENTRY, passed);
      break;
    case WATCH_QUIET:
      if (!has_keypad) {
        text_add(&lines[0], "NOT WATCHING");
      } else {
        text_add(&lines[0], is_armed ? "ARMED" : "OPEN");
      }
      break;
  }
  if (panel->message != NULL) {
    text_add(&lines[1], panel->message);
  } else if ((panel->entry_length == 0u) && (trouble != NULL)) {
    text_add(&lines[1], trouble);
  } else {
    for (key = 0; key < panel->entry_length; key++) {
      text_add(&lines[1], "*");
    }
  }
  display_show(&panel->display, lines);
}

void panel_step(struct panel *panel, uint32_t milliseconds) {
  /* Too large for a stack that has the library on it as well. */
  static struct frame question;
  char key;
  if (line_question(&panel->line, milliseconds, &question)) {
    answer_question(panel, &question);
  }
  for (key = keypad_pressed(&panel->keypad, milliseconds); key != NO_KEY; key = keypad_pressed(&panel->keypad, milliseconds)) {
    take_key(panel, key, milliseconds);
  }
  detect(panel, milliseconds);
  if (panel->look_is_due || ((milliseconds - panel->last_look) >= LOOK)) {
    kh_instant now = clock_time(&panel->clock);
    panel->look_is_due = false;
    panel->last_look = milliseconds;
    supervise(panel, now);
    show(panel, milliseconds, now);
  }
}
