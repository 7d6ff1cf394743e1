// What a container runtime says about its version. Pure.
#include "keystore/doctor/runtime_version.h"

#include "keystore/base/text.h"
#include "keystore/doctor/version_number.h"

namespace sifguard {

std::optional<RuntimeVersion> parse_runtime_version(std::string_view output) {
  const std::string_view line = output.substr(0, output.find('\n'));
  constexpr std::string_view kVersion = " version ";
  const std::size_t at = line.find(kVersion);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view name = line.substr(0, at);
  if (name != "apptainer" && name != "singularity" && name != "singularity-ce") return std::nullopt;
  std::string_view rest = line.substr(at + kVersion.size());
  const auto major = take_number(rest);
  if (!major || rest.empty() || rest.front() != '.') return std::nullopt;
  rest.remove_prefix(1);
  const auto minor = take_number(rest);
  if (!minor) return std::nullopt;
  int patch = 0;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    patch = take_number(rest).value_or(0);
  }
  return RuntimeVersion{name == "apptainer", *major, *minor, patch, printable(line, 100)};
}

std::string too_old(const RuntimeVersion& version) {
  const int number = version.major * 1000 + version.minor;
  if (version.apptainer && number < 1002) {
    return "it cannot open images that unprivileged builders encrypted, which 1.2 can";
  }
  if (!version.apptainer && number < 3004) return "it knows no --pem-path, which 3.4 does";
  if (!version.apptainer && (number < 3008 || (number == 3008 && version.patch < 1))) {
    return "values of --sif-env are evaluated by its shell, which 3.8.1 can be kept from";
  }
  return {};
}

}  // namespace sifguard
