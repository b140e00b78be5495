/*
 * Asks devices through C what the simulator has asked them through Rust, and compares every answer: `replay FILE`, a tape that
 * simulator/src/tape.rs describes.
 */
#include <keyholder.h>

/* As large as those of the simulator's large devices. */
#define NOR_SLOT (128u * 1024u)
#include "nor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICES 8
static kh_panel panels[DEVICES];
static kh_receiver receivers[DEVICES];
static kh_panel_config panel_configs[DEVICES];
static kh_receiver_config receiver_configs[DEVICES];
static nor flashes[DEVICES];
static int is_panel[DEVICES];
static char line[4 << 20];
static char *rest;
static uint8_t bytes[2 << 20];
static char story[512];
static unsigned long number, calls, differences;

static const char *word(void) {
  const char *found = strtok(rest, " \n");
  rest = NULL;
  return (found == NULL) ? "" : found;
}

static int64_t integer(void) { return (int64_t)strtoll(word(), NULL, 10); }
static uint32_t u32(void) { return (uint32_t)integer(); }
static uint16_t u16(void) { return (uint16_t)integer(); }
static uint8_t u8(void) { return (uint8_t)integer(); }

/* Reads hexadecimal digits into `to`, and says how many bytes they are. */
static size_t hex(const char *digits, uint8_t *to) {
  size_t length = strlen(digits) / 2u;
  size_t index;
  for (index = 0; index < length; index++) {
    unsigned byte = 0;
    (void)sscanf(&digits[2u * index], "%2x", &byte);
    to[index] = (uint8_t)byte;
  }
  return length;
}

static void compare(int64_t expected, int64_t found, const char *what) {
  if (expected != found) {
    differences++;
    printf("%s, line %lu: %s is %" PRId64 " in Rust and %" PRId64 " in C\n", story, number, what, expected, found);
  }
}

static void compare_report(const kh_report *report) {
  const char *sia;
  compare(integer(), report->event, "event");
  compare(integer(), report->user, "the report's user");
  compare(integer(), report->system, "system");
  compare(integer(), report->areas, "areas");
  compare(integer(), report->engineer, "engineer");
  compare(integer(), report->site, "site");
  compare(integer(), report->grant, "the report's grant");
  compare(integer(), report->contact_id.qualifier, "qualifier");
  compare(integer(), report->contact_id.event, "event code");
  compare(integer(), report->contact_id.group, "group");
  compare(integer(), report->contact_id.user, "Contact ID user");
  sia = word();
  compare(0, strcmp(sia, (report->sia[0] == '\0') ? "-" : report->sia), "SIA code");
}

static void compare_decision(kh_status status, const kh_decision *decision) {
  static const kh_verdict verdicts[] = {KH_DENY, KH_ALLOW_WITH_VIOLATION, KH_ALLOW};
  compare(KH_OK, status, "status");
  compare(verdicts[integer() % 3], decision->verdict, "verdict");
  compare(integer(), decision->reason, "reason");
  compare(integer(), decision->public_reason, "public reason");
  compare(integer(), decision->user, "user");
  compare(integer(), decision->grant, "grant");
  compare(integer(), decision->left, "what is left");
  compare(integer(), decision->until, "until");
  compare(integer(), decision->close_by, "close by");
  compare_report(&decision->report);
}

static kh_who read_who(void) {
  kh_who who;
  memset(&who, 0, sizeof who);
  who.kind = u8();
  who.user = u16();
  /* A dash stands in front of what was typed. */
  who.typed_length = hex(word() + 1, bytes);
  who.typed = bytes;
  return who;
}

/* Power comes on: all that a device is again comes from its flash. */
static void boot(size_t slot) {
  const kh_flash flash = nor_flash(&flashes[slot]);
  const kh_layout layout = nor_layout();
  nor_restore(&flashes[slot]);
  memset(&panels[slot], 0, sizeof panels[slot]);
  memset(&receivers[slot], 0, sizeof receivers[slot]);
  compare(KH_OK,
          is_panel[slot] ? kh_panel_boot(&panels[slot], &panel_configs[slot], &flash, &layout)
                         : kh_receiver_boot(&receivers[slot], &receiver_configs[slot], &flash, &layout),
          "boot");
  compare(0, flashes[slot].offences, "a flash's rules");
}

static void make(size_t slot) {
  kh_panel_config *panel = &panel_configs[slot];
  kh_receiver_config *receiver = &receiver_configs[slot];
  memset(panel, 0, sizeof *panel);
  memset(receiver, 0, sizeof *receiver);
  is_panel[slot] = u8() == KH_BLOB_PANEL_SNAPSHOT;
  panel->site = u32();
  receiver->receiver = panel->site;
  (void)hex(word(), panel->cloud_key);
  (void)hex(word(), panel->code_key);
  memcpy(receiver->cloud_key, panel->cloud_key, sizeof receiver->cloud_key);
  nor_erase_all(&flashes[slot]);
  boot(slot);
}

static void install(size_t slot, kh_instant now) {
  kh_installation installation;
  const int64_t status = integer();
  const int64_t outcome = integer();
  const size_t length = hex(word(), bytes);
  const kh_status found = is_panel[slot] ? kh_panel_install(&panels[slot], bytes, length, now, &installation)
                                         : kh_receiver_install(&receivers[slot], bytes, length, now, &installation);
  compare(status, found, "status of the blob");
  compare(outcome, installation.outcome, "outcome");
}

static void open_close(size_t slot, kh_instant now) {
  kh_open_close request;
  kh_decision decision;
  memset(&request, 0, sizeof request);
  request.who = read_who();
  request.action = u8();
  request.place.system = u8();
  request.place.areas = u32();
  request.remote = u8();
  request.armed_by = u16();
  request.in_alarm = u8();
  compare_decision(kh_panel_open_close(&panels[slot], &request, now, &decision), &decision);
}

static void act(size_t slot, kh_instant now) {
  kh_act request;
  kh_decision decision;
  size_t system;
  memset(&request, 0, sizeof request);
  request.who = read_who();
  request.kind = u8();
  request.remote = u8();
  request.place.system = u8();
  request.place.areas = u32();
  request.minutes = u16();
  request.schedule = u8();
  request.date = (kh_date)integer();
  request.closed = u8();
  request.target = u16();
  request.engineer = u32();
  request.grant = u32();
  request.answers_request = u8();
  for (system = 0; system < KH_SYSTEMS; system++) {
    request.areas.systems[system] = u32();
  }
  request.span.opens_from = u16();
  request.span.must_be_open_by = u16();
  request.span.closes_from = u16();
  request.span.must_be_closed_by = u16();
  compare_decision(kh_panel_act(&panels[slot], &request, now, &decision), &decision);
}

static void engineer(size_t slot, kh_instant now) {
  kh_engineer_request request;
  kh_decision decision;
  request.engineer = u32();
  request.site = u32();
  request.capabilities = u16();
  compare_decision(is_panel[slot] ? kh_panel_engineer(&panels[slot], &request, now, &decision)
                                  : kh_receiver_engineer(&receivers[slot], &request, now, &decision),
                   &decision);
}

static void session(size_t slot, kh_instant now, int begins) {
  kh_session_request request;
  kh_decision decision;
  kh_status status;
  request.engineer = u32();
  request.site = u32();
  if (begins) {
    status = is_panel[slot] ? kh_panel_begin_session(&panels[slot], &request, now, &decision)
                            : kh_receiver_begin_session(&receivers[slot], &request, now, &decision);
  } else {
    status = is_panel[slot] ? kh_panel_end_session(&panels[slot], &request, now, &decision)
                            : kh_receiver_end_session(&receivers[slot], &request, now, &decision);
  }
  compare_decision(status, &decision);
}

static void update(size_t slot, kh_instant now) {
  kh_update_request request;
  kh_decision decision;
  size_t part;
  request.engineer = u32();
  request.site = u32();
  for (part = 0; part < 4u; part++) {
    request.version[part] = u16();
  }
  for (part = 0; part < 4u; part++) {
    request.installed[part] = u16();
  }
  (void)hex(word(), request.model);
  (void)hex(word(), request.image);
  compare_decision(is_panel[slot] ? kh_panel_update(&panels[slot], &request, now, &decision)
                                  : kh_receiver_update(&receivers[slot], &request, now, &decision),
                   &decision);
}

static void supervise(size_t slot, kh_instant now) {
  kh_area_list armed;
  kh_due due;
  size_t system;
  for (system = 0; system < KH_SYSTEMS; system++) {
    armed.systems[system] = u32();
  }
  compare(KH_OK, is_panel[slot] ? kh_panel_supervise(&panels[slot], &armed, now, &due) : kh_receiver_supervise(&receivers[slot], now, &due),
          "status");
  compare(integer(), due.kind, "kind");
  compare(integer(), due.at, "when it fell due");
  compare_report(&due.report);
}

static void play(char letter, size_t slot) {
  const kh_instant now = ((letter == 'N') || (letter == 'Z')) ? 0 : integer();
  calls++;
  switch (letter) {
    case 'N': make(slot); break;
    case 'Z': boot(slot); break;
    case 'I': install(slot, now); break;
    case 'O': open_close(slot, now); break;
    case 'A': act(slot, now); break;
    case 'E': engineer(slot, now); break;
    case 'B': session(slot, now, 1); break;
    case 'F': session(slot, now, 0); break;
    case 'U': update(slot, now); break;
    case 'S': supervise(slot, now); break;
    default: compare(0, letter, "the letter of the line"); break;
  }
  /* A line has what was read of it and nothing else. */
  compare(0, (int64_t)strlen(word()), "what is left of the line");
}

int main(int count, char **arguments) {
  FILE *tape = (count == 2) ? fopen(arguments[1], "r") : NULL;
  unsigned long stories = 0;
  if (tape == NULL) {
    (void)fprintf(stderr, "usage: replay TAPE\n");
    return 2;
  }
  while (fgets(line, (int)sizeof line, tape) != NULL) {
    const char *letter;
    number++;
    rest = line;
    letter = word();
    if (letter[0] == 'P') {
      (void)snprintf(story, sizeof story, "%s", word());
      number = 0;
      stories++;
    } else {
      const int64_t device = integer();
      compare(1, (device >= 1) && (device <= DEVICES), "the device");
      play(letter[0], (size_t)(device - 1) % DEVICES);
    }
  }
  (void)fclose(tape);
  printf("replay: %lu stories, %lu calls, %lu differences\n", stories, calls, differences);
  return ((differences == 0u) && (calls > 100u)) ? 0 : 1;
}
