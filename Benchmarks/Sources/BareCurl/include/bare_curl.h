/// Opens `count` GET requests at once with libcurl's multi interface and nothing else, with the
/// same timeouts, buffers and protocol version as the daemon's, and measures when all of them
/// wait for their answer. Returns the memory that they took, in KiB of private dirty pages, or -1.
long bare_curl_idle(const char *url, int count, int settle_seconds);
long bare_private_dirty_kib(void);
