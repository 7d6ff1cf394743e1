// Errors after the change is already in place. Any privilege.
#include "keystore/base/in_place.h"

#include <string>
#include <utility>

namespace sifguard {
namespace {

constexpr std::string_view kWords = "the change is in place, but ";

}  // namespace

Error in_place(Error error, std::string_view but) {
  if (is_in_place(error)) return error;
  return std::move(error).prepend(std::string(kWords) + std::string(but));
}

bool is_in_place(const Error& error) noexcept {
  return error.what().find(kWords) != std::string::npos;
}

Status taken_back(Status done) {
  if (done || !is_in_place(done.error())) return done;
  std::string what = done.error().what();
  const std::size_t at = what.find(kWords);
  const std::size_t end = what.find(": ", at);
  what.erase(at, end == std::string::npos ? end : end + 2 - at);
  return tl::unexpected(done.error().reworded(std::move(what), done.error().remedy()));
}

}  // namespace sifguard
