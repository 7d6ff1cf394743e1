// Fuzzes the decoder of the plugin's requests. What it accepts must keep the promises of request.h.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "helper/request/request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto request = sifguard::decode_request(bytes);
  if (!request) return 0;
  const bool bounded = request->image.size() <= sifguard::wire::kMaxString &&
                       request->binds.size() <= sifguard::wire::kMaxBinds &&
                       request->variables.size() <= sifguard::wire::kMaxVariables &&
                       request->groups.size() <= sifguard::wire::kMaxGroups;
  if (!bounded || request->node.empty() || request->cwd.front() != '/') std::abort();
  return 0;
}
