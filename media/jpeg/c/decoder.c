/* What Go calls of libjpeg-turbo. Memory is the module's own and dies with the instance: one instance, one picture. An error
   leaves its code and traps; Go reads the code. jerror.c and jdatasrc.c are left out, for they want standard input and output. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "jpeglib.h"
#include "jerror.h"

__attribute__((export_name("alloc"))) void *alloc(uint32_t size) { return malloc(size); }

static struct jpeg_decompress_struct picture;
static struct jpeg_error_mgr errors;
static struct jpeg_source_mgr source;
static uint8_t *lines;

/* What went wrong: JERR_... or JWRN_..., 0 for nothing, and which sort of fault that is. */
enum { DAMAGED, UNSUPPORTED, MEMORY };
static struct { int32_t code, sort; } failure;

__attribute__((export_name("failure"))) const void *failed(void) { return &failure; }

static void fail(j_common_ptr c) {
  failure.code = c->err->msg_code;
  switch (failure.code) {
    case JERR_OUT_OF_MEMORY:
      failure.sort = MEMORY;
      break;
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_MCU_SIZE:
    case JERR_BAD_PRECISION:
    case JERR_CCIR601_NOTIMPL:
    case JERR_COMPONENT_COUNT:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_IMAGE_TOO_BIG:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED:
      failure.sort = UNSUPPORTED;
  }
  __builtin_trap();
}

/* Warnings are libjpeg's way to go on with a guess. Where data is missing or no code of its tables, the picture would show
   stripes: that is an error here. Some bytes too many between two markers, or scans in an odd order, aren't. */
static void warn(j_common_ptr c, int level) {
  if (level >= 0) return;
  switch (c->err->msg_code) {
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_HIT_MARKER:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC:
      fail(c);
  }
}

static void quiet(j_common_ptr c) { (void)c; }
static void format(j_common_ptr c, char *out) { (void)c; *out = 0; }

struct jpeg_error_mgr *jpeg_std_error(struct jpeg_error_mgr *err) {
  err->error_exit = fail;
  err->emit_message = warn;
  err->output_message = quiet;
  err->format_message = format;
  err->reset_error_mgr = quiet;
  return err;
}

static void nothing(j_decompress_ptr p) { (void)p; }

static boolean more(j_decompress_ptr p) {
  p->err->msg_code = JWRN_JPEG_EOF;
  fail((j_common_ptr)p);
  return FALSE;
}

static void skip(j_decompress_ptr p, long n) {
  if (n <= 0) return;
  if ((size_t)n > p->src->bytes_in_buffer) more(p);
  p->src->next_input_byte += n;
  p->src->bytes_in_buffer -= (size_t)n;
}

/* Reads a file's header. Gives 1 for RGB (gray too), 4 for CMYK. */
__attribute__((export_name("open"))) int32_t open_picture(const uint8_t *file, uint32_t size) {
  picture.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&picture);
  source.init_source = nothing;
  source.fill_input_buffer = more;
  source.skip_input_data = skip;
  source.resync_to_restart = jpeg_resync_to_restart;
  source.term_source = nothing;
  source.next_input_byte = file;
  source.bytes_in_buffer = size;
  picture.src = &source;
  jpeg_read_header(&picture, TRUE);
  if (picture.num_components == 4) {
    picture.out_color_space = JCS_CMYK;
    return 4;
  }
  picture.out_color_space = JCS_EXT_RGBX;
  return 1;
}

/* Sets up, each side divided by denominator (1, 2, 4 or 8). Gives 1 where the picture has several scans, which are to be
   consumed before rows are read. */
__attribute__((export_name("start"))) int32_t start(uint32_t denominator, uint32_t rows) {
  picture.scale_num = 1;
  picture.scale_denom = denominator;
  picture.buffered_image = jpeg_has_multiple_scans(&picture);
  jpeg_start_decompress(&picture);
  lines = malloc((size_t)rows * picture.output_width * 4);
  if (!lines) {
    picture.err->msg_code = JERR_OUT_OF_MEMORY;
    fail((j_common_ptr)&picture);
  }
  return picture.buffered_image;
}

/* Reads on in a picture of several scans, by n rows of blocks. Gives 1 once all are read. */
__attribute__((export_name("consume"))) int32_t consume(uint32_t n) {
  while (n > 0) {
    switch (jpeg_consume_input(&picture)) {
      case JPEG_REACHED_EOI:
        jpeg_start_output(&picture, picture.input_scan_number);
        return 1;
      case JPEG_ROW_COMPLETED:
      case JPEG_SCAN_COMPLETED:
        n--;
    }
  }
  return 0;
}

__attribute__((export_name("width"))) uint32_t width(void) { return picture.output_width; }
__attribute__((export_name("height"))) uint32_t height(void) { return picture.output_height; }
__attribute__((export_name("lines"))) const uint8_t *out(void) { return lines; }

/* Decodes the next rows, 4 bytes a pixel, to where lines points. Gives how many; fewer than asked for at the end only. */
__attribute__((export_name("read"))) uint32_t read_rows(uint32_t rows) {
  uint32_t n = 0;
  while (n < rows && picture.output_scanline < picture.output_height) {
    JSAMPROW row = lines + (size_t)n * picture.output_width * 4;
    n += jpeg_read_scanlines(&picture, &row, 1);
  }
  return n;
}
