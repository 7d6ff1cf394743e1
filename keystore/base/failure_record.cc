// How a sandboxed child tells root why it failed.
#include "keystore/base/failure_record.h"

#include <algorithm>
#include <optional>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxText = 1024;

bool is_code(std::uint8_t code) {
  switch (static_cast<Code>(code)) {
    case Code::usage:
    case Code::refused:
    case Code::no_input:
    case Code::unavailable:
    case Code::internal:
    case Code::cannot_write:
    case Code::temporary:
    case Code::denied:
    case Code::config:
    case Code::wrong_state:
    case Code::cancelled:
    case Code::absent:
    case Code::exists:
      return true;
  }
  return false;
}

/// Errors hold parts that are escaped already: their backslashes stay as they are.
std::string made_safe(std::string_view text) {
  if (is_shown_safely(text) && text.size() <= kMaxText) return std::string(text);
  return printable(text, kMaxText - 8);
}

/// After its kind; nullopt when it is malformed.
std::optional<Error> decode_failure(ByteReader& in) {
  const std::uint8_t code = in.u8();
  const std::string what(in.bytes(kMaxText));
  const std::string remedy(in.bytes(kMaxText));
  if (!in.finished() || !is_code(code) || what.empty() || !is_shown_safely(what) ||
      !is_shown_safely(remedy)) {
    return std::nullopt;
  }
  return Error(static_cast<Code>(code), what, remedy);
}

}  // namespace

bool is_shown_safely(std::string_view text) {
  std::string rest(text);
  rest.erase(std::remove(rest.begin(), rest.end(), '\\'), rest.end());
  return printable(rest, rest.size()) == rest;
}

std::string encode_failure(std::string_view magic, const Error& error) {
  ByteWriter out;
  out.raw(magic);
  out.u8(kFailureRecord);
  out.u8(static_cast<std::uint8_t>(error.code()));
  out.bytes(made_safe(error.what()));
  out.bytes(made_safe(error.remedy()));
  return out.take();
}

Result<bool> begin_answer(ByteReader& in, std::string_view magic) {
  if (in.raw(magic.size()) != magic) in.reject();
  const std::uint8_t kind = in.u8();
  if (in.good() && kind == kAnswerRecord) return true;
  if (in.good() && kind == kFailureRecord) {
    if (auto failure = decode_failure(in)) return tl::unexpected(*std::move(failure));
  }
  in.reject();
  return false;
}

}  // namespace sifguard
