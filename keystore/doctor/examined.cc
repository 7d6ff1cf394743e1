// What `sifctl doctor` looks at, read once. The rights of the admin.
#include "keystore/doctor/examined.h"

#include "keystore/base/clock.h"
#include "keystore/doctor/said_besides.h"

namespace sifguard {
namespace {

void read_configuration(Examined& examined, Findings& findings) {
  findings.begin("configuration");
  const std::string& file = examined.plan.config_file;
  auto config = load_config(file, examined.plan.trust);
  if (!config) {
    const bool insists = said_besides(examined.plan).any();
    const std::string meanwhile =
        insists ? "every step on this host refuses until then"
                : "every launch refuses, and no images are enforced on this host, until then";
    const std::string& remedy = config.error().remedy();
    findings.problem(file, config.error().what(),
                     (remedy.empty() ? "correct it" : remedy) + "; " + meanwhile);
    examined.config = default_config();
    return;
  }
  examined.config = *std::move(config);
  examined.configured = true;
  if (examined.config.keystore != examined.plan.directory) {
    findings.warn(file,
                  "launches on this host use the keystore " + examined.config.keystore +
                      ", not the one examined",
                  "examine it: sifctl --keystore " + examined.config.keystore + " doctor");
  }
}

void read_keystore(Examined& examined, Findings& findings) {
  findings.begin("keystore");
  const std::string& directory = examined.plan.directory;
  const auto tell = [&](const Error& error) {
    findings.add(Severity::problem, directory, error, "restore it from a backup");
  };
  auto opened = Keystore::open(directory, examined.plan.trust);
  if (!opened) return tell(opened.error());
  examined.keystore.emplace(*std::move(opened));
  if (auto keys = examined.keystore->keys()) {
    examined.keys = *std::move(keys);
  } else {
    tell(keys.error());
  }
  if (auto signers = examined.keystore->signers()) {
    examined.signers = *std::move(signers);
  } else {
    tell(signers.error());
  }
  const auto text = examined.keystore->images_text();
  if (!text) return tell(text.error());
  auto policy = parse_policy(*text);
  if (policy) {
    examined.policy = *std::move(policy);
  } else {
    tell(policy.error());
  }
}

}  // namespace

Examined read_examined(ExaminePlan plan, Findings& findings) {
  Examined examined;
  examined.plan = std::move(plan);
  read_configuration(examined, findings);
  read_keystore(examined, findings);
  return examined;
}

std::string days_from(std::int64_t now, std::int64_t then) {
  const std::int64_t days = (then > now ? then - now : now - then) / kDay;
  const std::string count = std::to_string(days) + (days == 1 ? " day" : " days");
  return then > now ? "in " + count : count + " ago";
}

}  // namespace sifguard
