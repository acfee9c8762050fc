#include "bare_curl.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

long bare_private_dirty_kib(void) {
  FILE *file = fopen("/proc/self/smaps_rollup", "r");
  char line[256];
  long kib = -1;
  while (file && fgets(line, sizeof line, file)) {
    if (sscanf(line, "Private_Dirty: %ld kB", &kib) == 1) break;
  }
  if (file) fclose(file);
  return kib;
}

static size_t take(char *bytes, size_t size, size_t count, void *owner) {
  (void)bytes;
  (void)owner;
  return size * count;
}

static CURL *ask(CURLM *multi, const char *url) {
  CURL *easy = curl_easy_init();
  if (!easy) return NULL;
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 4096L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 600000L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_multi_add_handle(multi, easy);
  return easy;
}

long bare_curl_idle(const char *url, int count, int settle_seconds) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM *multi = curl_multi_init();
  CURL **all = calloc((size_t)count, sizeof *all);
  long before = bare_private_dirty_kib();
  int begun = 0, running = 0;
  time_t end = 0;
  while (end == 0 || time(NULL) < end) {
    // As many at a time as a server's backlog takes.
    for (int some = 0; some < 64 && begun < count; some++) all[begun++] = ask(multi, url);
    curl_multi_perform(multi, &running);
    curl_multi_poll(multi, NULL, 0, begun < count ? 5 : 200, NULL);
    if (begun == count && end == 0) end = time(NULL) + settle_seconds;
  }
  long after = bare_private_dirty_kib();
  long failed = count - running;
  for (int each = 0; each < count; each++) {
    curl_multi_remove_handle(multi, all[each]);
    curl_easy_cleanup(all[each]);
  }
  curl_multi_cleanup(multi);
  free(all);
  return failed > 0 ? -1 : after - before;
}
