/* What Go calls of libwebp. Memory is the module's own and dies with the instance. */
#include <stdint.h>
#include <stdlib.h>

#include "src/webp/encode.h"

__attribute__((export_name("alloc"))) void *alloc(uint32_t size) { return malloc(size); }

static WebPMemoryWriter out;

/* Go says whether to go on, at each percent or so. */
__attribute__((import_module("orbit"), import_name("proceed"))) int32_t proceed(void);

static int progress(int percent, const WebPPicture *picture) {
  (void)percent;
  (void)picture;
  return proceed();
}

/* Encodes width * height pixels of 4 bytes (R, G, B, A; A is ignored where alpha is 0).
   Gives libwebp's error code, 0 for none. */
__attribute__((export_name("encode"))) int32_t encode(const uint8_t *pixels, int32_t width, int32_t height, int32_t alpha, float quality, int32_t method) {
  WebPConfig config;
  WebPPicture picture;
  if (!WebPConfigPreset(&config, WEBP_PRESET_PHOTO, quality) || !WebPPictureInit(&picture)) return -1;
  config.method = method;
  picture.width = width;
  picture.height = height;
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &out;
  picture.progress_hook = progress;
  WebPMemoryWriterInit(&out);
  if (!(alpha ? WebPPictureImportRGBA : WebPPictureImportRGBX)(&picture, pixels, width * 4)) return picture.error_code;
  free((void *)pixels);
  if (!WebPEncode(&config, &picture)) return picture.error_code;
  WebPPictureFree(&picture);
  return 0;
}

__attribute__((export_name("data"))) const uint8_t *data(void) { return out.mem; }
__attribute__((export_name("size"))) uint32_t size(void) { return (uint32_t)out.size; }
