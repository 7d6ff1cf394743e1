// What root and `sifguard-imagefs` say to each other. Both sides.
#include "helper/imagefs/wire/imagefs_wire.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "keystore/base/failure_record.h"
#include "keystore/base/fd.h"

namespace sifguard {
namespace {

constexpr std::string_view kMagic = "SGF1";
constexpr std::uint32_t kMostKey = 64;
constexpr char kContentKey = 'K';
constexpr char kPassword = 'P';

template <typename Number>
bool take_number(std::string_view text, Number& value) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
}

}  // namespace

std::vector<std::string> format_imagefs_order(const ImagefsOrder& order) {
  return {order.kind == SealedKind::luks ? "luks" : "gocryptfs", std::to_string(order.offset),
          std::to_string(order.size), std::to_string(order.deadline_ms)};
}

std::optional<ImagefsOrder> parse_imagefs_order(std::span<const std::string_view> arguments) {
  if (arguments.size() != 4) return std::nullopt;
  ImagefsOrder order;
  order.kind = arguments[0] == "luks" ? SealedKind::luks : SealedKind::gocryptfs;
  const bool known = arguments[0] == "luks" || arguments[0] == "gocryptfs";
  const bool numbers = take_number(arguments[1], order.offset) &&
                       take_number(arguments[2], order.size) &&
                       take_number(arguments[3], order.deadline_ms) && order.deadline_ms > 0;
  return known && numbers ? std::optional(order) : std::nullopt;
}

Result<SecretBytes> format_imagefs_secret(bool is_content_key, const SecretBytes& secret) {
  if (secret.empty() || secret.size() >= kMostSecret) {
    return fail(Code::refused, "the image's key is malformed");
  }
  SG_TRY(SecretBytes text, SecretBytes::allocate(1 + secret.size()));
  text.bytes().front() = static_cast<std::byte>(is_content_key ? kContentKey : kPassword);
  std::ranges::copy(secret.bytes(), text.bytes().subspan(1).begin());
  return text;
}

Result<ImagefsSecret> parse_imagefs_secret(const SecretBytes& text) {
  if (text.empty()) return fail(Code::temporary, "nobody released the image's key", "try again");
  const auto form = static_cast<char>(text.bytes().front());
  if (text.size() < 2 || (form != kContentKey && form != kPassword)) {
    return fail(Code::internal, "sifguard-imagefs got a malformed order");
  }
  SG_TRY(SecretBytes bytes, SecretBytes::copy_of(text.bytes().subspan(1)));
  return ImagefsSecret{form == kContentKey, std::move(bytes)};
}

Result<SecretBytes> format_imagefs_answer(const Result<ImagefsAnswer>& answer) {
  if (!answer) return SecretBytes::copy_of(as_bytes(encode_failure(kMagic, answer.error())));
  const auto key = answer->content_key.bytes();
  ByteWriter out;
  out.raw(kMagic);
  out.u8(kAnswerRecord);
  out.u64(answer->size);
  out.u32(static_cast<std::uint32_t>(key.size()));
  const std::string head = out.take();
  SG_TRY(SecretBytes text, SecretBytes::allocate(head.size() + key.size()));
  std::ranges::copy(as_bytes(head), text.bytes().begin());
  std::ranges::copy(key, text.bytes().subspan(head.size()).begin());
  return text;
}

Result<ImagefsAnswer> parse_imagefs_answer(const SecretBytes& text) {
  if (text.empty()) {
    return fail(Code::temporary, "sifguard-imagefs ended before it answered", "try again");
  }
  ByteReader in(as_text(text.bytes()));
  SG_TRY([[maybe_unused]] const bool answers, begin_answer(in, kMagic));
  ImagefsAnswer answer;
  answer.size = in.u64();
  const std::string_view key = in.bytes(kMostKey);
  if (!in.finished()) return fail(Code::internal, "sifguard-imagefs gave a malformed answer");
  SG_TRY(answer.content_key, SecretBytes::copy_of(as_bytes(key)));
  return answer;
}

}  // namespace sifguard
