// The form of the options' values: pure text, in every SPANK context. The helper decides the rest.
#include "spank_plugin/option_form.h"

#include "helper/request/request_wire.h"
#include "spank_plugin/options.h"

// The messages are whole literals: the plugin puts no text together where it cannot fail.
#define SIFGUARD_FORM_COMMON(option)                                  \
  do {                                                                \
    if (value.empty()) return option ": the value is missing";        \
    if (value.size() > kMaxOption) return option ": over 4096 bytes"; \
    if (has_control_character(value)) {                               \
      return option ": a newline or other control character";         \
    }                                                                 \
  } while (false)

namespace sifguard {
namespace {

bool has_control_character(std::string_view text) noexcept {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return true;
  }
  return false;
}

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_hex(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Whether each backslash stands before what it is there for.
bool is_well_escaped(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') continue;
    if (++i == text.size() || (text[i] != ',' && text[i] != ':' && text[i] != '\\')) return false;
  }
  return true;
}

#define SIFGUARD_BIND_FORM \
  "write SRC[:DST[:ro]],... with \\, \\: and \\\\ for a comma, colon or backslash in a path"

/// SRC[:DST[:ro|rw]]
const char* one_bind_problem(std::string_view bind) noexcept {
  if (take_escaped_part(bind, ':').empty()) {
    return "--sif-bind: an empty SRC; " SIFGUARD_BIND_FORM;
  }
  if (bind.data() == nullptr) return nullptr;
  if (!take_escaped_part(bind, ':').starts_with('/')) {
    return "--sif-bind: DST must be an absolute path; " SIFGUARD_BIND_FORM;
  }
  if (bind.data() == nullptr) return nullptr;
  if (bind != "ro" && bind != "rw") {
    return "--sif-bind: only ro or rw may follow DST; " SIFGUARD_BIND_FORM;
  }
  return nullptr;
}

/// NAME[=VALUE]
const char* one_variable_problem(std::string_view variable) noexcept {
  const std::string_view name = take_part(variable, '=');
  bool good = !name.empty() && is_letter(name.front());
  for (const char c : name) good = good && (is_letter(c) || is_digit(c));
  return good ? nullptr
              : "--sif-env: a name is letters, digits and '_', no digit first; write "
                "NAME[=VALUE],... (export a value with a comma, and give its NAME alone)";
}

/// Takes `size` bytes and a separator off the front; npos: all.
std::string_view take(std::string_view& rest, std::size_t size) noexcept {
  const std::string_view part(rest.data(), size < rest.size() ? size : rest.size());
  if (size == std::string_view::npos) {
    rest = {};  // no data: nothing follows, not even something empty
  } else {
    rest.remove_prefix(size + 1);
  }
  return part;
}

}  // namespace

std::string_view take_part(std::string_view& rest, char separator) noexcept {
  return take(rest, rest.find(separator));
}

std::string_view take_escaped_part(std::string_view& rest, char separator) noexcept {
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == separator) return take(rest, i);
    if (rest[i] == '\\') ++i;
  }
  return take(rest, std::string_view::npos);
}

const char* image_problem(std::string_view value) noexcept {
  if (value.empty()) return "--sif-verify: the image is missing";
  SIFGUARD_FORM_COMMON("--sif-verify");
  return nullptr;
}

const char* signer_problem(std::string_view value) noexcept {
  SIFGUARD_FORM_COMMON("--sif-signer");
  std::size_t digits = 0;
  for (const char c : value) {
    if (is_hex(c)) {
      ++digits;
    } else if (c != ' ') {
      return nullptr;  // spki:…, x509:…: the helper knows them
    }
  }
  return digits == 40 ? nullptr
                      : "--sif-signer: give the whole fingerprint, 40 hexadecimal digits "
                        "(or spki:..., x509:...)";
}

const char* action_problem(std::string_view value) noexcept {
  return value == "exec" || value == "run" ? nullptr : "--sif-action: write exec or run";
}

const char* bind_problem(std::string_view value) noexcept {
  SIFGUARD_FORM_COMMON("--sif-bind");
  if (!is_well_escaped(value)) {
    return "--sif-bind: a backslash stands before a comma, a colon or a backslash "
           "alone; " SIFGUARD_BIND_FORM;
  }
  std::size_t count = 0;
  for (std::string_view rest = value; rest.data() != nullptr; ++count) {
    if (count == wire::kMaxBinds) return "--sif-bind: more than 64 binds";
    if (const char* problem = one_bind_problem(take_escaped_part(rest, ','))) return problem;
  }
  return nullptr;
}

const char* workdir_problem(std::string_view value) noexcept {
  SIFGUARD_FORM_COMMON("--sif-workdir");
  return value.starts_with('/') ? nullptr
                                : "--sif-workdir: write an absolute path, inside the image";
}

const char* env_problem(std::string_view value) noexcept {
  SIFGUARD_FORM_COMMON("--sif-env");
  std::size_t count = 0;
  for (std::string_view rest = value; rest.data() != nullptr; ++count) {
    if (count == wire::kMaxVariables) return "--sif-env: more than 64 variables";
    if (const char* problem = one_variable_problem(take_part(rest, ','))) return problem;
  }
  return nullptr;
}

bool is_nearly(std::string_view argument, std::string_view known) noexcept {
  constexpr std::size_t kMax = 31;
  constexpr std::size_t kLettersOff = 2;
  std::string_view word = take_part(argument, '=');
  while (word.starts_with('-')) word.remove_prefix(1);
  if (word.size() > kMax || known.size() > kMax) return false;
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  // Levenshtein's distance, a row at a time; nothing left to change means that the word begins so.
  std::size_t row[kMax + 1];
  for (std::size_t j = 0; j <= known.size(); ++j) row[j] = j;
  bool begins = false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < known.size(); ++j) {
      const std::size_t change = diagonal + (lower(word[i]) == known[j] ? 0 : 1);
      const std::size_t shift = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;
      diagonal = row[j + 1];
      row[j + 1] = change < shift ? change : shift;
    }
    begins = begins || row[known.size()] == 0;
  }
  return begins || row[known.size()] <= kLettersOff;
}

}  // namespace sifguard
