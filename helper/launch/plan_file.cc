// The plan's file format. Written by the helper (root), read by the launcher (the user).
#include <algorithm>
#include <charconv>

#include "helper/launch/plan.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::string_view kFirstLine = "sifguard-plan 2\n";

void append_record(std::string& text, std::string_view kind, std::string_view bytes) {
  text += kind;
  text += ' ';
  text += std::to_string(bytes.size());
  text += '\n';
  text += bytes;
  text += '\n';
}

struct Record {
  std::string_view kind;
  std::string_view bytes;
};

tl::unexpected<Error> bad_plan(std::size_t record, const std::string& why) {
  return fail(Code::config, "launch plan, record " + std::to_string(record) + ": " + why);
}

/// Takes one record off the front of `rest`.
Result<Record> take_record(std::string_view& rest, std::size_t number) {
  const std::size_t space = rest.find(' ');
  const std::size_t line_end = rest.find('\n');
  if (line_end == std::string_view::npos || space > line_end) {
    return bad_plan(number, "no length");
  }
  const std::string_view digits = rest.substr(space + 1, line_end - space - 1);
  std::size_t length = 0;
  const char* const end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, length);
  if (parsed.ec != std::errc{} || parsed.ptr != end || digits != std::to_string(length)) {
    return bad_plan(number, "a malformed length");
  }
  const std::string_view kind = rest.substr(0, space);
  rest.remove_prefix(line_end + 1);
  if (length >= rest.size() || rest[length] != '\n') return bad_plan(number, "a wrong length");
  const Record record{kind, rest.substr(0, length)};
  rest.remove_prefix(length + 1);
  return record;
}

Status set_runtime(std::string_view bytes, std::size_t number, LaunchPlan& plan) {
  if (number != 1) return bad_plan(number, "a runtime that is not the first record");
  if (!bytes.starts_with('/')) return bad_plan(number, "a runtime that is not absolute");
  plan.runtime = bytes;
  return {};
}

Status add_variable(std::string_view bytes, std::size_t number, std::vector<std::string>& list) {
  const std::size_t equals = bytes.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return bad_plan(number, "a variable that is not NAME=VALUE");
  }
  list.emplace_back(bytes);
  return {};
}

Status add_path(std::string_view bytes, std::size_t number, std::vector<std::string>& list) {
  if (!bytes.starts_with('/')) return bad_plan(number, "a source that is not absolute");
  list.emplace_back(bytes);
  return {};
}

void append_command(std::string& text, const ImageCommand& command) {
  append_record(text, "command", "");
  for (const std::string& word : command.entrypoint) append_record(text, "entry", word);
  for (const std::string& word : command.words) append_record(text, "default", word);
}

Status begin_command(std::string_view bytes, std::size_t number, LaunchPlan& plan) {
  if (!bytes.empty()) return bad_plan(number, "a command that is not empty");
  if (plan.command) return bad_plan(number, "a second command");
  if (!plan.start) return bad_plan(number, "a command without a start");
  plan.command.emplace();
  return {};
}

Status add_word(const Record& record, std::size_t number, LaunchPlan& plan) {
  if (!plan.command) return bad_plan(number, "a word without a command");
  auto& list = record.kind == "entry" ? plan.command->entrypoint : plan.command->words;
  list.emplace_back(record.bytes);
  return {};
}

}  // namespace

std::string format_plan(const LaunchPlan& plan) {
  std::string text(kFirstLine);
  append_record(text, "runtime", plan.runtime);
  for (const std::string& argument : plan.args) append_record(text, "arg", argument);
  for (const std::string& variable : plan.environment) append_record(text, "setenv", variable);
  for (const std::string& variable : plan.copied) append_record(text, "copyenv", variable);
  for (const std::string& prefix : plan.dropped) append_record(text, "dropenv", prefix);
  if (!plan.inner_prefix.empty()) append_record(text, "innerenv", plan.inner_prefix);
  for (const std::string& variable : plan.shown) append_record(text, "showenv", variable);
  for (const std::string& variable : plan.shown_below) append_record(text, "showbelow", variable);
  if (plan.start) append_record(text, "start", *plan.start);
  if (plan.command) append_command(text, *plan.command);
  for (const std::string& path : plan.asked_sources) append_record(text, "ask", path);
  for (const std::string& path : plan.site_sources) append_record(text, "show", path);
  return text;
}

Result<LaunchPlan> parse_plan(std::string_view text) {
  if (text.size() > kMaxPlan) return fail(Code::config, "launch plan: over 1 MiB");
  if (!text.starts_with(kFirstLine)) {
    return fail(Code::config, "launch plan: not of version 2",
                "install launcher and helper of one release");
  }
  text.remove_prefix(kFirstLine.size());
  LaunchPlan plan;
  for (std::size_t number = 1; !text.empty(); ++number) {
    SG_TRY(const Record record, take_record(text, number));
    if (record.bytes.find('\0') != std::string_view::npos) return bad_plan(number, "a NUL byte");
    if (record.kind == "runtime") {
      SG_CHECK(set_runtime(record.bytes, number, plan));
    } else if (record.kind == "arg") {
      plan.args.emplace_back(record.bytes);
    } else if (record.kind == "setenv") {
      SG_CHECK(add_variable(record.bytes, number, plan.environment));
    } else if (record.kind == "copyenv") {
      SG_CHECK(add_variable(record.bytes, number, plan.copied));
    } else if (record.kind == "showenv") {
      SG_CHECK(add_variable(record.bytes, number, plan.shown));
    } else if (record.kind == "showbelow") {
      SG_CHECK(add_variable(record.bytes, number, plan.shown_below));
    } else if (record.kind == "innerenv") {
      if (record.bytes.empty()) return bad_plan(number, "an empty prefix");
      if (!plan.inner_prefix.empty()) return bad_plan(number, "a second prefix");
      plan.inner_prefix = record.bytes;
    } else if (record.kind == "start") {
      if (plan.start) return bad_plan(number, "a second start");
      if (record.bytes != "." && !record.bytes.starts_with('/')) {
        return bad_plan(number, "a working directory that is not absolute");
      }
      plan.start = record.bytes;
    } else if (record.kind == "command") {
      SG_CHECK(begin_command(record.bytes, number, plan));
    } else if (record.kind == "entry" || record.kind == "default") {
      SG_CHECK(add_word(record, number, plan));
    } else if (record.kind == "ask") {
      SG_CHECK(add_path(record.bytes, number, plan.asked_sources));
    } else if (record.kind == "show") {
      SG_CHECK(add_path(record.bytes, number, plan.site_sources));
    } else if (record.kind == "dropenv") {
      if (record.bytes.empty()) return bad_plan(number, "an empty prefix");
      plan.dropped.emplace_back(record.bytes);
    } else {
      return bad_plan(number, "unknown kind '" + printable(record.kind, 20) + "'");
    }
  }
  if (plan.runtime.empty()) return fail(Code::config, "launch plan: no runtime");
  if (plan.args.empty()) return fail(Code::config, "launch plan: no arguments");
  return plan;
}

}  // namespace sifguard
