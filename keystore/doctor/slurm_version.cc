// Releases of Slurm, and those with vulnerabilities that matter to SPANK plugins. Pure.
#include "keystore/doctor/slurm_version.h"

#include <array>
#include <cstdio>

#include "keystore/doctor/version_number.h"

namespace sifguard {
namespace {

constexpr std::array kFixed = {SlurmVersion{25, 5, 9}, SlurmVersion{25, 11, 8},
                               SlurmVersion{26, 5, 4}};

/// "24.11" at the start of `text`, which is then what follows.
std::optional<SlurmVersion> take_release(std::string_view& text) {
  const auto year = take_number(text);
  if (!year || !text.starts_with('.')) return std::nullopt;
  text.remove_prefix(1);
  const auto month = take_number(text);
  if (!month || *year > 99 || *month < 1 || *month > 12) return std::nullopt;
  return SlurmVersion{*year, *month, 0};
}

std::string two_digits(int number) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%02d", number);
  return text.data();
}

}  // namespace

std::string SlurmVersion::release() const {
  return two_digits(year) + "." + two_digits(month);
}

std::string SlurmVersion::text() const {
  return release() + "." + std::to_string(micro);
}

std::optional<SlurmVersion> parse_slurm_version(std::string_view output) {
  std::string_view line = output.substr(0, output.find('\n'));
  if (!line.starts_with("slurm ") && !line.starts_with("slurm-wlm ")) return std::nullopt;
  line.remove_prefix(line.find(' ') + 1);
  auto version = take_release(line);
  if (!version || !line.starts_with('.')) return std::nullopt;
  line.remove_prefix(1);
  const auto micro = take_number(line);
  if (!micro) return std::nullopt;
  version->micro = *micro;
  return version;
}

std::optional<SlurmVersion> parse_slurm_release(std::string_view mark) {
  const auto release = take_release(mark);
  return mark.empty() ? release : std::nullopt;
}

std::string fixed_in(const SlurmVersion& version) {
  for (const SlurmVersion& fixed : kFixed) {
    // They ascend: the first one that is not older than `version` is where to go.
    if (version.year == fixed.year && version.month == fixed.month) {
      return version.micro < fixed.micro ? fixed.text() : std::string();
    }
    if (version < fixed) return fixed.text();
  }
  return {};
}

}  // namespace sifguard
