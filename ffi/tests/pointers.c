/*
 * Every function with every pointer good, NULL and misaligned, and with memory that holds no device: what it answers, and what
 * it leaves in its output; and that not a byte of an output is what happened to be there or on the stack.
 */
#include "check.h"
#include "nor.h"

static int refuses_due(const void *output) {
  const kh_due *due = (const kh_due *)output;
  return (due->kind == KH_DUE_NOTHING) && (due->at == KH_NEVER) && refuses_report(&due->report) &&
         is_zero(due->reserved, sizeof due->reserved);
}

static int refuses_installation(const void *output) {
  const kh_installation *installation = (const kh_installation *)output;
  return (installation->sequence == 0u) && (installation->remaining == 0u) && (installation->room == 0u) && (installation->rows == 0u) && (installation->capacity == 0u) &&
         (installation->row == 0u) && (installation->outcome == KH_POLICY_UNCHANGED) && (installation->part == 0u) &&
         (installation->fault == 0u) && (installation->version == 0u) && (installation->kind == 0u) &&
         (installation->acknowledgement_length == 0u) && is_zero(installation->acknowledgement, sizeof installation->acknowledgement) &&
         is_zero(installation->reserved, sizeof installation->reserved);
}

static int refuses_damage(const void *output) { return *(const kh_damage *)output == KH_DAMAGE_UNKNOWN; }

static int refuses_time(const void *output) { return *(const kh_instant *)output == KH_TIME_UNKNOWN; }

static int refuses_length(const void *output) { return *(const size_t *)output == 0u; }

static int refuses_id(const void *output) { return *(const uint32_t *)output == 0u; }

static int refuses_date(const void *output) { return *(const kh_date *)output == 0; }

static kh_panel panel;
static kh_receiver receiver;
static kh_panel blank_panel;
/* Devices in flash, for what those without cannot do. */
static nor panel_nor;
static nor receiver_nor;
static kh_flash panel_flash;
static kh_flash receiver_flash;
static kh_layout layout;
static kh_panel_config panel_config;
static kh_receiver_config receiver_config;
static kh_open_close open_close;
static kh_act act;
static kh_engineer_request engineer;
static kh_session_request session;
static kh_update_request update;
static kh_area_list armed;
static kh_identity eve;

/* Room for any output, and one byte to be misaligned by. */
static union {
  kh_decision decision;
  kh_due due;
  kh_installation installation;
  kh_provenance provenance;
  kh_head head;
  kh_library library;
  const char *name;
  uint8_t bytes[sizeof(kh_installation) + sizeof(kh_head) + 8u];
} output;

#define FUNCTION(name, device, request, result)                                   \
  static kh_status call_##name(void *d, const void *r, void *o) {                 \
    return kh_##name((device *)d, (const request *)r, MONDAY, (result *)o);       \
  }
FUNCTION(panel_open_close, kh_panel, kh_open_close, kh_decision)
FUNCTION(panel_act, kh_panel, kh_act, kh_decision)
FUNCTION(panel_engineer, kh_panel, kh_engineer_request, kh_decision)
FUNCTION(panel_begin_session, kh_panel, kh_session_request, kh_decision)
FUNCTION(panel_end_session, kh_panel, kh_session_request, kh_decision)
FUNCTION(panel_update, kh_panel, kh_update_request, kh_decision)
FUNCTION(panel_supervise, kh_panel, kh_area_list, kh_due)
FUNCTION(receiver_engineer, kh_receiver, kh_engineer_request, kh_decision)
FUNCTION(receiver_begin_session, kh_receiver, kh_session_request, kh_decision)
FUNCTION(receiver_end_session, kh_receiver, kh_session_request, kh_decision)
FUNCTION(receiver_update, kh_receiver, kh_update_request, kh_decision)

static kh_status call_receiver_supervise(void *d, const void *r, void *o) {
  (void)r;
  return kh_receiver_supervise((kh_receiver *)d, MONDAY, (kh_due *)o);
}
static kh_status call_panel_install(void *d, const void *r, void *o) {
  return kh_panel_install((kh_panel *)d, (const uint8_t *)r, sizeof example_panel_blob, SUNDAY, (kh_installation *)o);
}
static kh_status call_receiver_install(void *d, const void *r, void *o) {
  return kh_receiver_install((kh_receiver *)d, (const uint8_t *)r, sizeof example_receiver_blob, SUNDAY, (kh_installation *)o);
}
static kh_status call_panel_engineer_id(void *d, const void *r, void *o) {
  return kh_panel_engineer_id((const kh_panel *)d, (const kh_identity *)r, (uint32_t *)o);
}
static kh_status call_receiver_engineer_id(void *d, const void *r, void *o) {
  return kh_receiver_engineer_id((const kh_receiver *)d, (const kh_identity *)r, (uint32_t *)o);
}
static kh_status call_panel_provenance(void *d, const void *r, void *o) {
  (void)r;
  return kh_panel_provenance((const kh_panel *)d, (kh_provenance *)o);
}
static kh_status call_panel_areas(void *d, const void *r, void *o) {
  (void)r;
  return kh_panel_areas((const kh_panel *)d, (kh_area_list *)o);
}
static kh_status call_receiver_provenance(void *d, const void *r, void *o) {
  (void)r;
  return kh_receiver_provenance((const kh_receiver *)d, (kh_provenance *)o);
}
static kh_status call_panel_init(void *d, const void *r, void *o) {
  (void)o;
  return kh_panel_init((kh_panel *)d, (const kh_panel_config *)r);
}
static kh_status call_receiver_init(void *d, const void *r, void *o) {
  (void)o;
  return kh_receiver_init((kh_receiver *)d, (const kh_receiver_config *)r);
}
static kh_status call_panel_wipe(void *d, const void *r, void *o) {
  (void)r;
  (void)o;
  return kh_panel_wipe((kh_panel *)d);
}
static kh_status call_receiver_wipe(void *d, const void *r, void *o) {
  (void)r;
  (void)o;
  return kh_receiver_wipe((kh_receiver *)d);
}
static kh_status call_panel_begin(void *d, const void *r, void *o) {
  return kh_panel_begin((kh_panel *)d, (const uint8_t *)r, KH_HEAD_BYTES, SUNDAY, (kh_installation *)o);
}
static kh_status call_panel_append(void *d, const void *r, void *o) {
  return kh_panel_append((kh_panel *)d, (const uint8_t *)r, 0, (kh_installation *)o);
}
static kh_status call_panel_finish(void *d, const void *r, void *o) {
  const kh_status status = kh_panel_finish((kh_panel *)d, SUNDAY, (kh_installation *)o);
  (void)r;
  /* Of an installation that was begun and never went on. */
  return (status == KH_NOT_A_BLOB) ? KH_OK : status;
}
static kh_status call_panel_report(void *d, const void *r, void *o) {
  return kh_panel_report((const kh_panel *)d, NULL, 0, MONDAY, (uint8_t *)r, KH_REPORT_BYTES, (size_t *)o);
}
static kh_status call_panel_believed_time(void *d, const void *r, void *o) {
  (void)r;
  return kh_panel_believed_time((const kh_panel *)d, MONDAY, (kh_instant *)o);
}
static kh_status call_panel_damage(void *d, const void *r, void *o) {
  (void)r;
  return kh_panel_damage((const kh_panel *)d, (kh_damage *)o);
}
static kh_status call_panel_boot(void *d, const void *r, void *o) {
  (void)o;
  return kh_panel_boot((kh_panel *)d, (const kh_panel_config *)r, &panel_flash, &layout);
}
static kh_status call_panel_boot_on(void *d, const void *r, void *o) {
  (void)o;
  return kh_panel_boot((kh_panel *)d, &panel_config, (const kh_flash *)r, &layout);
}
static kh_status call_panel_boot_with(void *d, const void *r, void *o) {
  (void)o;
  return kh_panel_boot((kh_panel *)d, &panel_config, &panel_flash, (const kh_layout *)r);
}
static kh_status call_receiver_begin(void *d, const void *r, void *o) {
  return kh_receiver_begin((kh_receiver *)d, (const uint8_t *)r, KH_HEAD_BYTES, SUNDAY, (kh_installation *)o);
}
static kh_status call_receiver_append(void *d, const void *r, void *o) {
  return kh_receiver_append((kh_receiver *)d, (const uint8_t *)r, 0, (kh_installation *)o);
}
static kh_status call_receiver_finish(void *d, const void *r, void *o) {
  const kh_status status = kh_receiver_finish((kh_receiver *)d, SUNDAY, (kh_installation *)o);
  (void)r;
  /* Of an installation that was begun and never went on. */
  return (status == KH_NOT_A_BLOB) ? KH_OK : status;
}
static kh_status call_receiver_report(void *d, const void *r, void *o) {
  return kh_receiver_report((const kh_receiver *)d, NULL, 0, MONDAY, (uint8_t *)r, KH_REPORT_BYTES, (size_t *)o);
}
static kh_status call_receiver_believed_time(void *d, const void *r, void *o) {
  (void)r;
  return kh_receiver_believed_time((const kh_receiver *)d, MONDAY, (kh_instant *)o);
}
static kh_status call_receiver_damage(void *d, const void *r, void *o) {
  (void)r;
  return kh_receiver_damage((const kh_receiver *)d, (kh_damage *)o);
}
static kh_status call_receiver_boot(void *d, const void *r, void *o) {
  (void)o;
  return kh_receiver_boot((kh_receiver *)d, (const kh_receiver_config *)r, &receiver_flash, &layout);
}
static kh_status call_receiver_boot_on(void *d, const void *r, void *o) {
  (void)o;
  return kh_receiver_boot((kh_receiver *)d, &receiver_config, (const kh_flash *)r, &layout);
}
static kh_status call_receiver_boot_with(void *d, const void *r, void *o) {
  (void)o;
  return kh_receiver_boot((kh_receiver *)d, &receiver_config, &receiver_flash, (const kh_layout *)r);
}
static kh_status call_blob_head(void *d, const void *r, void *o) {
  (void)d;
  return kh_blob_head((const uint8_t *)r, sizeof example_panel_blob, (kh_head *)o);
}
static kh_status call_date_of(void *d, const void *r, void *o) {
  (void)d;
  (void)r;
  return kh_date_of(2026, 11, 23, (kh_date *)o);
}

typedef struct {
  const char *name;
  kh_status (*call)(void *device, const void *request, void *output);
  /* NULL: it takes none. */
  void *device;
  const void *request;
  size_t output_size;
  int (*refuses)(const void *output);
  /* Whether its input is bytes, which cannot be misaligned. */
  int takes_bytes;
  /* Whether it works on memory without a device too. */
  int takes_any_memory;
} function_row;

/* Where reports go. */
static uint8_t message[KH_REPORT_BYTES];

#define DECISION sizeof(kh_decision), refuses_decision
#define DUE sizeof(kh_due), refuses_due
#define INSTALLATION sizeof(kh_installation), refuses_installation

/* In this order, so that each call with good arguments is carried out: devices are made last. */
static const function_row functions[] = {
    {"kh_panel_open_close", call_panel_open_close, &panel, &open_close, DECISION, 0, 0},
    {"kh_panel_act", call_panel_act, &panel, &act, DECISION, 0, 0},
    {"kh_panel_engineer", call_panel_engineer, &panel, &engineer, DECISION, 0, 0},
    {"kh_panel_begin_session", call_panel_begin_session, &panel, &session, DECISION, 0, 0},
    {"kh_panel_end_session", call_panel_end_session, &panel, &session, DECISION, 0, 0},
    {"kh_panel_update", call_panel_update, &panel, &update, DECISION, 0, 0},
    {"kh_panel_supervise", call_panel_supervise, &panel, &armed, DUE, 0, 0},
    {"kh_panel_install", call_panel_install, &panel, example_panel_blob, INSTALLATION, 1, 0},
    {"kh_panel_engineer_id", call_panel_engineer_id, &panel, &eve, sizeof(uint32_t), refuses_id, 1, 0},
    {"kh_panel_provenance", call_panel_provenance, &panel, NULL, sizeof(kh_provenance), refuses_provenance, 0, 0},
    {"kh_panel_areas", call_panel_areas, &panel, NULL, sizeof(kh_area_list), refuses_areas, 0, 0},
    {"kh_receiver_engineer", call_receiver_engineer, &receiver, &engineer, DECISION, 0, 0},
    {"kh_receiver_begin_session", call_receiver_begin_session, &receiver, &session, DECISION, 0, 0},
    {"kh_receiver_end_session", call_receiver_end_session, &receiver, &session, DECISION, 0, 0},
    {"kh_receiver_update", call_receiver_update, &receiver, &update, DECISION, 0, 0},
    {"kh_receiver_supervise", call_receiver_supervise, &receiver, NULL, DUE, 0, 0},
    {"kh_receiver_install", call_receiver_install, &receiver, example_receiver_blob, INSTALLATION, 1, 0},
    {"kh_receiver_engineer_id", call_receiver_engineer_id, &receiver, &eve, sizeof(uint32_t), refuses_id, 1, 0},
    {"kh_receiver_provenance", call_receiver_provenance, &receiver, NULL, sizeof(kh_provenance), refuses_provenance, 0, 0},
    {"kh_blob_head", call_blob_head, NULL, example_panel_blob, sizeof(kh_head), refuses_head, 1, 0},
    {"kh_date_of", call_date_of, NULL, NULL, sizeof(kh_date), refuses_date, 0, 0},
    {"kh_panel_report", call_panel_report, &panel, message, sizeof(size_t), refuses_length, 1, 0},
    {"kh_panel_believed_time", call_panel_believed_time, &panel, NULL, sizeof(kh_instant), refuses_time, 0, 0},
    {"kh_panel_damage", call_panel_damage, &panel, NULL, sizeof(kh_damage), refuses_damage, 0, 0},
    {"kh_panel_boot", call_panel_boot, &panel, &panel_config, 0, NULL, 0, 1},
    {"kh_panel_boot", call_panel_boot_on, &panel, &panel_flash, 0, NULL, 0, 1},
    {"kh_panel_boot", call_panel_boot_with, &panel, &layout, 0, NULL, 0, 1},
    {"kh_panel_begin", call_panel_begin, &panel, example_panel_blob, INSTALLATION, 1, 0},
    {"kh_panel_append", call_panel_append, &panel, example_panel_blob, INSTALLATION, 1, 0},
    {"kh_panel_finish", call_panel_finish, &panel, NULL, INSTALLATION, 0, 0},
    {"kh_receiver_report", call_receiver_report, &receiver, message, sizeof(size_t), refuses_length, 1, 0},
    {"kh_receiver_believed_time", call_receiver_believed_time, &receiver, NULL, sizeof(kh_instant), refuses_time, 0, 0},
    {"kh_receiver_damage", call_receiver_damage, &receiver, NULL, sizeof(kh_damage), refuses_damage, 0, 0},
    {"kh_receiver_boot", call_receiver_boot, &receiver, &receiver_config, 0, NULL, 0, 1},
    {"kh_receiver_boot", call_receiver_boot_on, &receiver, &receiver_flash, 0, NULL, 0, 1},
    {"kh_receiver_boot", call_receiver_boot_with, &receiver, &layout, 0, NULL, 0, 1},
    {"kh_receiver_begin", call_receiver_begin, &receiver, example_receiver_blob, INSTALLATION, 1, 0},
    {"kh_receiver_append", call_receiver_append, &receiver, example_receiver_blob, INSTALLATION, 1, 0},
    {"kh_receiver_finish", call_receiver_finish, &receiver, NULL, INSTALLATION, 0, 0},
    {"kh_panel_init", call_panel_init, &panel, &panel_config, 0, NULL, 0, 1},
    {"kh_receiver_init", call_receiver_init, &receiver, &receiver_config, 0, NULL, 0, 1},
    {"kh_panel_wipe", call_panel_wipe, &panel, NULL, 0, NULL, 0, 1},
    {"kh_receiver_wipe", call_receiver_wipe, &receiver, NULL, 0, NULL, 0, 1},
};
#define FUNCTIONS (sizeof functions / sizeof functions[0])

/* One byte further on: aligned for nothing but bytes. */
static void *beside(const void *pointer) { return (void *)((uintptr_t)pointer + 1u); }

static int is_garbage(void) {
  size_t index;
  for (index = 0; index < sizeof output.bytes; index++) {
    if (output.bytes[index] != (uint8_t)GARBAGE) {
      return 0;
    }
  }
  return 1;
}

/* Calls it with garbage in the output, and looks at the status and at what the output holds afterwards. */
static void expect(const function_row *row, void *device, const void *request, void *o, kh_status status, const char *what) {
  memset(&output, GARBAGE, sizeof output);
  check(row->call(device, request, o) == status, row->name, what, "the status");
  if (row->refuses == NULL) {
    check(is_garbage(), row->name, what, "nothing is written");
  } else if (o != &output) {
    /* An output that cannot be written is the only one that is not. */
    check(is_garbage(), row->name, what, "nothing is written");
  } else if (status != KH_OK) {
    check(row->refuses(&output), row->name, what, "the output refuses");
    memset(&output.bytes[0], GARBAGE, row->output_size);
    check(is_garbage(), row->name, what, "nothing is written behind the output");
  } else {
    check(!is_garbage(), row->name, what, "the output is written");
  }
}

static void every_pointer_of_every_function(void) {
  size_t index;
  for (index = 0; index < FUNCTIONS; index++) {
    const function_row *row = &functions[index];
    const int has_output = row->refuses != NULL;
    if (has_output) {
      expect(row, row->device, row->request, NULL, KH_NULL, "NULL output");
      if (row->output_size > 1u) {
        expect(row, row->device, row->request, beside(&output), KH_MISALIGNED, "misaligned output");
      }
      /* The output is looked at first, so that it is written whatever else is wrong. */
      expect(row, NULL, NULL, NULL, KH_NULL, "everything NULL");
    }
    if (row->device != NULL) {
      expect(row, NULL, row->request, &output, KH_NULL, "NULL device");
      expect(row, beside(row->device), row->request, &output, KH_MISALIGNED, "misaligned device");
    }
    if ((row->device != NULL) && !row->takes_any_memory) {
      void *other = (row->device == (void *)&panel) ? (void *)&receiver : (void *)&panel;
      expect(row, &blank_panel, row->request, &output, KH_NOT_INITIALISED, "zeroed memory");
      memset(&blank_panel, 0xFF, sizeof blank_panel);
      expect(row, &blank_panel, row->request, &output, KH_NOT_INITIALISED, "erased flash");
      memset(&blank_panel, 0, sizeof blank_panel);
      expect(row, other, row->request, &output, KH_NOT_INITIALISED, "the other kind of device");
    }
    if (row->request != NULL) {
      expect(row, row->device, NULL, &output, KH_NULL, "NULL request");
      if (!row->takes_bytes) {
        expect(row, row->device, beside(row->request), &output, KH_MISALIGNED, "misaligned request");
      }
    }
    expect(row, row->device, row->request, &output, KH_OK, "good arguments");
  }
}

/* Devices as they were at first, and flash for others. */
static void make_devices(void) {
  make_panel(&panel);
  make_receiver(&receiver);
  nor_erase_all(&panel_nor);
  nor_erase_all(&receiver_nor);
}

/* Leaves `pattern` where the functions called next have their stack. */
static void paint_below(uint8_t pattern) {
  volatile uint8_t below[0x8000];
  size_t index;
  for (index = 0; index < sizeof below; index++) {
    below[index] = pattern;
  }
}
/* Called through this it is not made part of its caller, whose stack is not what the others get. */
static void (*volatile paint)(uint8_t pattern) = paint_below;

/* Of each function: what it answers with good arguments, and without a request or a device. */
static uint8_t outputs[2][FUNCTIONS][2][sizeof(kh_installation)];

static void call_on(uint8_t pattern, const function_row *row, int is_good, uint8_t *kept) {
  memset(&output, pattern, sizeof output);
  paint(pattern);
  (void)row->call(is_good ? row->device : NULL, is_good ? row->request : NULL, &output);
  memcpy(kept, output.bytes, row->output_size);
}

static void every_byte_of_an_output_is_part_of_the_answer(void) {
  static const uint8_t patterns[2] = {GARBAGE, (uint8_t)~GARBAGE};
  size_t pass;
  size_t index;
  for (pass = 0; pass < 2u; pass++) {
    make_devices();
    for (index = 0; index < FUNCTIONS; index++) {
      call_on(patterns[pass], &functions[index], 1, outputs[pass][index][0]);
      /* What takes neither has nothing to miss. */
      if ((functions[index].device != NULL) || (functions[index].request != NULL)) {
        call_on(patterns[pass], &functions[index], 0, outputs[pass][index][1]);
      }
    }
  }
  for (index = 0; index < FUNCTIONS; index++) {
    const function_row *row = &functions[index];
    CHECK(row->output_size <= sizeof outputs[0][0][0], row->name);
    CHECK(memcmp(outputs[0][index][0], outputs[1][index][0], row->output_size) == 0, row->name);
    CHECK(memcmp(outputs[0][index][1], outputs[1][index][1], row->output_size) == 0, row->name);
  }
}

static void names_and_about(void) {
  static const struct {
    const char *function;
    kh_status (*call)(uint8_t number, const char **name);
    uint8_t number;
    kh_status status;
    const char *name;
  } rows[] = {
      {"kh_reason_name", kh_reason_name, KH_REASON_OUTSIDE_SCHEDULE, KH_OK, "OutsideSchedule"},
      {"kh_reason_name", kh_reason_name, 8, KH_NOT_FOUND, ""},
      {"kh_reason_name", kh_reason_name, 255, KH_NOT_FOUND, ""},
      {"kh_event_name", kh_event_name, KH_EVENT_NOTHING, KH_OK, "Nothing"},
      {"kh_event_name", kh_event_name, KH_EVENT_UPDATE_DENIED, KH_OK, "UpdateDenied"},
      {"kh_event_name", kh_event_name, 200, KH_NOT_FOUND, ""},
      {"kh_part_name", kh_part_name, KH_PART_AUTHORISATIONS, KH_OK, "firmware authorisations"},
      {"kh_part_name", kh_part_name, 200, KH_NOT_FOUND, ""},
      {"kh_fault_name", kh_fault_name, KH_FAULT_ORDER, KH_OK, "belongs before an earlier row"},
      {"kh_fault_name", kh_fault_name, 200, KH_NOT_FOUND, ""},
      {"kh_status_name", kh_status_name, KH_OK, KH_OK, "KH_OK"},
      {"kh_status_name", kh_status_name, KH_REFUSED, KH_OK, "KH_REFUSED"},
      {"kh_status_name", kh_status_name, KH_FLASH_FAILED, KH_OK, "KH_FLASH_FAILED"},
      {"kh_status_name", kh_status_name, 200, KH_NOT_FOUND, ""},
      {"kh_blob_kind_name", kh_blob_kind_name, KH_BLOB_CLOCK_CORRECTION, KH_OK, "clock correction"},
      {"kh_blob_kind_name", kh_blob_kind_name, 0, KH_NOT_FOUND, ""},
  };
  size_t index;
  kh_library library;
  kh_library again;
  memset(&library, GARBAGE, sizeof library);
  CHECK(kh_about(NULL) == KH_NULL, "NULL");
  CHECK(kh_about((kh_library *)beside(&library)) == KH_MISALIGNED, "misaligned");
  CHECK(kh_about(&library) == KH_OK, "good");
  CHECK(library.panel_size == sizeof(kh_panel), "header and library agree");
  CHECK(library.panel_size == KH_PANEL_SIZE, "header and library agree");
  CHECK(library.receiver_size == sizeof(kh_receiver), "header and library agree");
  CHECK(library.receiver_size == KH_RECEIVER_SIZE, "header and library agree");
  CHECK(library.blob_format == 1u, "format");
  memset(&again, (uint8_t)~GARBAGE, sizeof again);
  CHECK(kh_about(&again) == KH_OK, "good");
  CHECK(memcmp(&library, &again, sizeof library) == 0, "every byte");
  CHECK((library.has_names == 0u) || (library.has_names == 1u), "names");
  for (index = 0; index < (sizeof rows / sizeof rows[0]); index++) {
    const char *name = "garbage";
    CHECK(rows[index].call(rows[index].number, NULL) == KH_NULL, rows[index].function);
    CHECK(rows[index].call(rows[index].number, (const char **)beside(&output)) == KH_MISALIGNED, rows[index].function);
    if (library.has_names == 1u) {
      CHECK(rows[index].call(rows[index].number, &name) == rows[index].status, rows[index].function);
      CHECK(strcmp(name, rows[index].name) == 0, rows[index].function);
    } else {
      CHECK(rows[index].call(rows[index].number, &name) == KH_LEFT_OUT, rows[index].function);
      CHECK(strcmp(name, "") == 0, rows[index].function);
    }
  }
}

int main(void) {
  panel_config.site = EXAMPLE_SITE;
  memcpy(panel_config.cloud_key, example_cloud_key, sizeof panel_config.cloud_key);
  memcpy(panel_config.code_key, example_code_key, sizeof panel_config.code_key);
  receiver_config.receiver = EXAMPLE_RECEIVER;
  memcpy(receiver_config.cloud_key, example_cloud_key, sizeof receiver_config.cloud_key);
  panel_flash = nor_flash(&panel_nor);
  receiver_flash = nor_flash(&receiver_nor);
  layout = nor_layout();
  open_close = good_open_close();
  act = good_act();
  engineer = good_engineer();
  session = good_session();
  update = good_update();
  memcpy(eve.bytes, example_eve, sizeof eve.bytes);
  make_devices();
  every_pointer_of_every_function();
  every_byte_of_an_output_is_part_of_the_answer();
  names_and_about();
  return check_result("pointers");
}
