// The colours of verdicts on terminals. Any privilege.
#include "keystore/base/verdict_colour.h"

#include <unistd.h>

#include <array>
#include <cstdlib>

namespace sifguard {
namespace {

constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kYellow = "\x1b[33m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kPlain = "\x1b[0m";

struct Verdict {
  std::string_view word, colour;
};
constexpr std::array kVerdicts = {
    Verdict{"active", kGreen},     Verdict{"all is well", kGreen},
    Verdict{"allowed", kGreen},    Verdict{"ok", kGreen},
    Verdict{"valid", kGreen},      Verdict{"verified", kGreen},
    Verdict{"ended", kYellow},     Verdict{"not yet valid", kYellow},
    Verdict{"retired", kYellow},   Verdict{"revocation unknown", kYellow},
    Verdict{"suspended", kYellow}, Verdict{"superseded", kYellow},
    Verdict{"warning", kYellow},   Verdict{"cannot sign", kRed},
    Verdict{"destroyed", kRed},    Verdict{"expired", kRed},
    Verdict{"not verified", kRed}, Verdict{"problem", kRed},
    Verdict{"refused", kRed},      Verdict{"revoked", kRed},
    Verdict{"untrusted", kRed},    Verdict{"unusable", kRed},
};

/// `text` begins with the word, and not with a longer one.
bool begins_with(std::string_view text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  return text.size() == word.size() || text[word.size()] == ' ' || text[word.size()] == ',';
}

}  // namespace

bool wants_colour(int fd) noexcept {
  const char* const no = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  if (no != nullptr && *no != '\0') return false;
  if (terminal == nullptr || *terminal == '\0' || std::string_view(terminal) == "dumb") {
    return false;
  }
  return ::isatty(fd) == 1;
}

std::string in_colour_of(std::string_view verdict, std::string_view text) {
  for (const Verdict& one : kVerdicts) {
    if (begins_with(verdict, one.word)) {
      return std::string(one.colour).append(text).append(kPlain);
    }
  }
  return std::string(text);
}

}  // namespace sifguard
