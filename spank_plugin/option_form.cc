// The form of the options' values: pure text, in every SPANK context. The helper decides the rest.
#include "helper/request/request_wire.h"
#include "spank_plugin/options.h"

namespace sifguard {
namespace {

bool has_control_character(std::string_view text) noexcept {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return true;
  }
  return false;
}

/// SRC[:DST[:ro|rw]]
const char* one_bind_problem(std::string_view bind) noexcept {
  if (take_part(bind, ':').empty()) return "--sif-bind: an empty SRC; write SRC[:DST[:ro]],...";
  if (bind.data() == nullptr) return nullptr;
  if (!take_part(bind, ':').starts_with('/')) {
    return "--sif-bind: DST must be an absolute path; write SRC[:DST[:ro]],...";
  }
  if (bind.data() == nullptr) return nullptr;
  if (bind != "ro" && bind != "rw") {
    return "--sif-bind: only ro or rw may follow DST; write SRC[:DST[:ro]],...";
  }
  return nullptr;
}

}  // namespace

std::string_view take_part(std::string_view& rest, char separator) noexcept {
  const std::size_t size = rest.find(separator);
  const std::string_view part(rest.data(), size < rest.size() ? size : rest.size());
  if (size == std::string_view::npos) {
    rest = {};  // no data: nothing follows, not even something empty
  } else {
    rest.remove_prefix(size + 1);
  }
  return part;
}

const char* image_problem(std::string_view value) noexcept {
  if (value.empty()) return "--sif-verify: the image is missing";
  if (value.size() > kMaxOption) return "--sif-verify: over 4096 bytes";
  if (has_control_character(value)) return "--sif-verify: a newline or other control character";
  return nullptr;
}

const char* bind_problem(std::string_view value) noexcept {
  if (value.empty()) return "--sif-bind: the list is empty";
  if (value.size() > kMaxOption) return "--sif-bind: over 4096 bytes";
  if (has_control_character(value)) return "--sif-bind: a newline or other control character";
  std::size_t count = 0;
  for (std::string_view rest = value; rest.data() != nullptr; ++count) {
    if (count == wire::kMaxBinds) return "--sif-bind: more than 64 binds";
    if (const char* problem = one_bind_problem(take_part(rest, ','))) return problem;
  }
  return nullptr;
}

}  // namespace sifguard
