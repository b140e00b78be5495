/*
 * The code key is in the panel and nowhere else: whether kh_panel_init() and kh_panel_boot() make one or refuse to, no part of the key is left on the stack.
 */
#define _POSIX_C_SOURCE 200112L

#include "check.h"
#include "nor.h"
#include "stack.h"

/* So much of a key that it is there neither by chance nor in a register's worth of something else. */
#define PART 8u

static kh_panel panel;
static kh_panel_config config;
static nor flash_bytes;
static kh_flash flash;
static kh_layout layout;
static kh_status status;

static void initialises(void *argument) {
  status = kh_panel_init(&panel, (const kh_panel_config *)argument);
}

static void boots(void *argument) {
  status = kh_panel_boot(&panel, (const kh_panel_config *)argument, &flash, &layout);
}

/* Reads the first byte, which no compiler can know: what it is given has to stand there. */
static uint8_t first(const uint8_t *bytes) { return bytes[0]; }
static uint8_t (*volatile look)(const uint8_t *bytes) = first;

/* What a careless library does. */
static void copies(void *argument) {
  uint8_t copy[sizeof config.code_key];
  memcpy(copy, ((const kh_panel_config *)argument)->code_key, sizeof copy);
  status = (look(copy) == config.code_key[0]) ? KH_OK : KH_NOT_FOUND;
}

/* How many parts of the key are left on the stack by `work`; each is looked for at every byte of it. */
static unsigned left_by(void (*work)(void *), const char *what) {
  unsigned left = 0;
  size_t at;
  CHECK(on_painted_stack(0, work, &config), what);
  for (at = 0; at <= (sizeof config.code_key - PART); at++) {
    left += found_on_stack(&config.code_key[at], PART);
  }
  return left;
}

static void whole(void) {
  size_t index;
  memset(&config, 0, sizeof config);
  config.site = EXAMPLE_SITE;
  memcpy(config.cloud_key, example_cloud_key, sizeof config.cloud_key);
  for (index = 0; index < sizeof config.code_key; index++) {
    config.code_key[index] = (uint8_t)((index * 37u) + 0x51u);
  }
  nor_erase_all(&flash_bytes);
  flash = nor_flash(&flash_bytes);
  layout = nor_layout();
}

static void expect(void (*work)(void *), kh_status expected, const char *what) {
  const unsigned left = left_by(work, what);
  CHECK(status == expected, what);
  CHECK(left == 0u, what);
}

static void no_part_of_the_code_key_is_left_on_the_stack(void) {
  whole();
  CHECK(left_by(copies, "a copy") > 0u, "the test finds what is left");
  expect(initialises, KH_OK, "init");
  expect(boots, KH_OK, "boot");
  expect(boots, KH_OK, "boot again");

  config.site = 0;
  expect(initialises, KH_BAD_VALUE, "init without a site");
  expect(boots, KH_BAD_VALUE, "boot without a site");
  whole();
  memcpy(config.recovery_key, config.cloud_key, sizeof config.recovery_key);
  expect(initialises, KH_BAD_VALUE, "init with one key twice");
  expect(boots, KH_BAD_VALUE, "boot with one key twice");
  whole();
  flash.read = NULL;
  expect(boots, KH_NULL, "boot without a function");
  whole();
  flash.capacity = NOR_BLOCK;
  expect(boots, KH_FLASH_TOO_SMALL, "boot on a small flash");
  whole();
  flash_bytes.power = 0;
  expect(boots, KH_FLASH_FAILED, "boot on a dead flash");
}

int main(void) {
  no_part_of_the_code_key_is_left_on_the_stack();
  return check_result("secret");
}
