// What the helper answers the plugin, as bytes. Helper, root.
#include "helper/request/answer.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "keystore/base/one_line.h"

namespace sifguard {
namespace {

/// Room for the "…" that one_line() may put after its limit, and for the NUL.
constexpr std::size_t kMessageLimit = sizeof(wire::Answer::message) - 4;

wire::Answer make_answer(int exit_status, std::string_view message) {
  wire::Answer answer{wire::kAnswerMagic, wire::kVersion, exit_status, 0, {}};
  const std::string line = one_line(message, kMessageLimit);  // names in it were escaped
  std::memcpy(answer.message, line.data(), std::min(line.size(), sizeof answer.message - 1));
  return answer;
}

}  // namespace

wire::Answer allow_answer(std::string_view notice) {
  return make_answer(0, notice);
}

wire::Answer enforcement_answer(bool enforced, std::string_view notice) {
  wire::Answer answer = make_answer(0, notice);
  answer.enforced = enforced ? 1U : 0U;
  return answer;
}

wire::Answer refuse_answer(const Error& error) {
  return make_answer(error.exit_status(), error.line());
}

wire::Answer progress_message(std::string_view what) {
  wire::Answer message = make_answer(0, what);
  message.magic = wire::kProgressMagic;
  return message;
}

std::string_view encode_answer(const wire::Answer& answer) noexcept {
  return {reinterpret_cast<const char*>(&answer), sizeof answer};
}

Result<wire::Answer> decode_answer(std::string_view bytes) {
  wire::Answer answer{};
  if (bytes.size() != sizeof answer) return fail(Code::internal, "the answer has a wrong size");
  std::memcpy(&answer, bytes.data(), sizeof answer);
  if (!wire::answer_is_valid(answer)) return fail(Code::internal, "the answer is malformed");
  return answer;
}

}  // namespace sifguard
