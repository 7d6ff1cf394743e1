// What root and `sifguard-imagefs` say to each other. Both sides.
#include "helper/imagefs/wire/imagefs_wire.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

#include "keystore/base/bytes.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::size_t kHead = 12;
constexpr std::array kCodes = {Code::usage,    Code::refused,      Code::no_input,
                               Code::internal, Code::unavailable,  Code::temporary,
                               Code::denied,   Code::cannot_write, Code::config};

template <typename Number>
bool take_number(std::string_view text, Number& value) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
}

std::span<const std::byte> body_of(const Result<ImagefsAnswer>& answer) {
  if (answer) return answer->content_key.bytes();
  const auto what = as_bytes(answer.error().what());
  return what.first(std::min(what.size(), kMostAnswer - kHead));
}

}  // namespace

std::vector<std::string> format_imagefs_order(const ImagefsOrder& order) {
  return {order.kind == SealedKind::luks ? "luks" : "gocryptfs",
          order.has_content_key ? "key" : "password", std::to_string(order.offset),
          std::to_string(order.size), std::to_string(order.deadline_ms)};
}

std::optional<ImagefsOrder> parse_imagefs_order(std::span<const std::string_view> arguments) {
  if (arguments.size() != 5) return std::nullopt;
  ImagefsOrder order;
  order.kind = arguments[0] == "luks" ? SealedKind::luks : SealedKind::gocryptfs;
  order.has_content_key = arguments[1] == "key";
  const bool words = (arguments[0] == "luks" || arguments[0] == "gocryptfs") &&
                     (arguments[1] == "key" || arguments[1] == "password");
  const bool numbers = take_number(arguments[2], order.offset) &&
                       take_number(arguments[3], order.size) &&
                       take_number(arguments[4], order.deadline_ms) && order.deadline_ms > 0;
  return words && numbers ? std::optional(order) : std::nullopt;
}

Result<SecretBytes> format_imagefs_answer(const Result<ImagefsAnswer>& answer) {
  ByteWriter head;
  head.u32(answer ? 0 : static_cast<std::uint32_t>(answer.error().code()));
  head.u64(answer ? answer->size : 0);
  const auto body = body_of(answer);
  SG_TRY(SecretBytes text, SecretBytes::allocate(kHead + body.size()));
  std::ranges::copy(as_bytes(head.take()), text.bytes().begin());
  std::ranges::copy(body, text.bytes().subspan(kHead).begin());
  return text;
}

Result<ImagefsAnswer> parse_imagefs_answer(const SecretBytes& text) {
  if (text.empty()) {
    return fail(Code::temporary, "sifguard-imagefs ended before it answered", "try again");
  }
  ByteReader head(as_text(text.bytes()).substr(0, kHead));
  const std::uint32_t number = head.u32();
  ImagefsAnswer answer;
  answer.size = head.u64();
  const auto code = static_cast<Code>(number);
  const bool known = number == 0 || std::ranges::find(kCodes, code) != kCodes.end();
  if (!head.finished() || !known) return fail(Code::internal, "sifguard-imagefs answered nonsense");
  const auto body = text.bytes().subspan(kHead);
  if (number != 0) return fail(code, printable(as_text(body), kMostAnswer));
  SG_TRY(answer.content_key, SecretBytes::copy_of(body));
  return answer;
}

}  // namespace sifguard
