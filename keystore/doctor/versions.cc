// Whether sifctl, the plugin and the helper are of one version. The rights of the admin; the helper
// is run for its version, and the plugin's file is read.
#include <unistd.h>

#include "keystore/base/run_program.h"
#include "keystore/base/text.h"
#include "keystore/doctor/checks.h"
#include "keystore/doctor/installed.h"
#include "keystore/doctor/plugin_mark.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

constexpr int kVersionTimeoutMs = 20'000;
constexpr std::size_t kMaxVersionOutput = 4096;
constexpr const char* kSame = "install the same version of all";

void compare(const std::string& what, const std::string& where, std::string_view version,
             Findings& findings) {
  if (version == SIFGUARD_VERSION) return;
  findings.problem(
      where, what + " is of version " + printable(version, 50) + ", sifctl of " + SIFGUARD_VERSION,
      kSame);
}

void check_helper(const std::string& helper, const Trust& trust, Findings& findings) {
  if (const auto good = check_trusted_program(helper, trust); !good) {
    findings.add(Severity::problem, helper, good.error(), "install sifguard again");
    return;
  }
  if (::access(helper.c_str(), X_OK) != 0) {
    findings.warn(helper, "the version of the helper is not known: it is for root alone",
                  "run sifctl doctor as root");
    return;
  }
  const auto output =
      run_program({helper, {"--version"}, {"LC_ALL=C"}, {}, kMaxVersionOutput, kVersionTimeoutMs});
  if (!output) {
    findings.add(Severity::problem, helper, output.error(), kSame);
    return;
  }
  std::string_view text = as_text(output->bytes());
  text = text.substr(0, text.find('\n'));
  constexpr std::string_view kName = "sifguard-helper ";
  compare("the helper", helper,
          text.starts_with(kName) ? text.substr(kName.size()) : std::string_view("unknown"),
          findings);
}

void check_plugin(const std::string& plugin, const Trust& trust, Findings& findings) {
  const auto version = read_plugin_mark(plugin, kVersionMark, trust);
  if (!version) return;  // told by check_plugstack()
  compare("the plugin", plugin, version->empty() ? "unknown" : *version, findings);
}

}  // namespace

void check_versions(const Examined& examined, Findings& findings) {
  const auto line = plugin_line(examined.plan);
  check_helper(helper_of(line), examined.plan.trust, findings);
  for (const std::string_view plugin : {kPluginFile, kJobPluginFile}) {
    const auto loaded = plugin_line(examined.plan, plugin);
    if (loaded && loaded->plugin.front() == '/') {
      check_plugin(loaded->plugin, examined.plan.trust, findings);
    }
  }
}

}  // namespace sifguard
