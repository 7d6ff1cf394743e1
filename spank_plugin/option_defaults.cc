// Defaults of the options from the environment. In srun, sbatch and salloc, as the user.
#include "spank_plugin/option_defaults.h"

#include <strings.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "spank_plugin/slurm_api.h"

namespace sifguard {
namespace {

constexpr int kNameSize = 128;

/// Writes `prefix` and `name` with '-' as '_', raised if `upper`.
void make_name(char (&variable)[kNameSize], const char* prefix, const char* name, bool upper) {
  std::snprintf(variable, sizeof variable, "%s%s", prefix, name);
  for (char* c = variable; *c != '\0'; ++c) {
    if (*c == '-') *c = '_';
    const bool of_name = c - variable >= static_cast<std::ptrdiff_t>(std::strlen(prefix));
    if (upper && of_name && *c >= 'a' && *c <= 'z') *c = static_cast<char>(*c - 'a' + 'A');
  }
}

void make_our_name(char (&variable)[kNameSize], const char* name) {
  make_name(variable, "SLURM_", name, true);
}

/// What Slurm reads defaults from, and what salloc leaves in the environment of its shell.
void make_slurms_name(char (&variable)[kNameSize], const char* name) {
  make_name(variable, "SLURM_SPANK__SLURM_SPANK_OPTION_sifguard_", name, false);
}
void make_inherited_name(char (&variable)[kNameSize], const char* name) {
  make_name(variable, "_SLURM_SPANK_OPTION_sifguard_", name, false);
}

bool is_one_of(const char* value, const char* const (&words)[4]) {
  for (const char* const word : words) {
    if (strcasecmp(value, word) == 0) return true;
  }
  return false;
}

}  // namespace

Default take_default(const char* name, bool is_flag) noexcept {
  char ours[kNameSize];
  make_our_name(ours, name);
  const char* const value = std::getenv(ours);
  if (value == nullptr || *value == '\0') return Default::none;
  if (is_flag) {
    if (is_one_of(value, {"0", "no", "false", "off"})) return Default::none;
    if (!is_one_of(value, {"1", "yes", "true", "on"})) return Default::bad;
  }
  char slurms[kNameSize];
  make_slurms_name(slurms, name);
  if (std::getenv(slurms) != nullptr || is_inherited(name)) return Default::none;
  return setenv(slurms, value, 1) == 0 ? Default::taken : Default::bad;
}

bool is_default(const char* name, std::string_view text) noexcept {
  char ours[kNameSize];
  make_our_name(ours, name);
  const char* const value = std::getenv(ours);
  return value != nullptr && text == value;
}

void complain_of_default(const char* name, const char* problem) noexcept {
  char ours[kNameSize];
  make_our_name(ours, name);
  slurm_error("sifguard: %s: %s", ours, problem);
}

void forget_default(const char* name) noexcept {
  char slurms[kNameSize];
  make_slurms_name(slurms, name);
  unsetenv(slurms);
}

bool is_inherited(const char* name) noexcept {
  char inherited[kNameSize];
  make_inherited_name(inherited, name);
  return std::getenv(inherited) != nullptr;
}

}  // namespace sifguard
