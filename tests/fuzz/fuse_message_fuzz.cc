// Messages of the kernel to the file server: each gets one answer or none, never bytes that the
// file does not have.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "helper/imagefs/fuse_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sifguard;
  using Kind = FuseRequest::Kind;
  const auto request = parse_fuse_request(std::as_bytes(std::span(data, size)));
  if (!request) return 0;
  if (size < 40) std::abort();
  if (request->kind == Kind::read && request->size > kFuseMostRead) std::abort();
  if (request->kind == Kind::start) {
    const FuseStart start = fuse_start(*request, 120);
    if (start[0] != std::byte{7} || request->minor < 23) std::abort();
  }
  return 0;
}
