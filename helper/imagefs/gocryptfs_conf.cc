// gocryptfs.conf: how the key of a gocryptfs directory is wrapped. Hostile bytes; pure.
#include "helper/imagefs/gocryptfs_conf.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "helper/imagefs/expected_fields.h"
#include "keystore/base/contains.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::uint32_t kConfVersion = 2;
constexpr std::uint32_t kLeastCost = 1U << 10U;
constexpr std::uint32_t kMostCost = 1U << 18U;  // 256 MiB
constexpr std::size_t kLeastScryptSalt = 32;
constexpr std::size_t kMostScryptSalt = 64;
constexpr std::array<std::string_view, 3> kFlags = {"GCMIV128", "HKDF", "PlaintextNames"};

bool is_understood(const std::string& flag) {
  return contains(kFlags, flag);
}

/// All of kFlags, each once, and no other.
void check_flags(StrictObject& conf) {
  const std::vector<std::string> flags = conf.strings("FeatureFlags");
  for (const std::string& flag : flags) {
    if (!is_understood(flag)) conf.reject("the feature '" + printable(flag, 32) + "'");
  }
  for (const std::string_view flag : kFlags) {
    const auto times = std::count(flags.begin(), flags.end(), flag);
    if (times == 0) conf.reject("the lack of the feature '" + std::string(flag) + "'");
    if (times > 1) conf.reject("the feature '" + std::string(flag) + "' repeated");
  }
}

Status take_scrypt(StrictObject scrypt, GocryptfsConf& conf) {
  conf.salt = bytes_in(scrypt, "Salt", kLeastScryptSalt, kMostScryptSalt);
  conf.cost = scrypt.number<std::uint32_t>("N");
  if (conf.cost < kLeastCost || conf.cost > kMostCost || !std::has_single_bit(conf.cost)) {
    scrypt.reject("N " + std::to_string(conf.cost));
  }
  expect(scrypt, "R", 8U);
  expect(scrypt, "P", 1U);
  expect(scrypt, "KeyLen", 32U);
  return scrypt.finish();
}

}  // namespace

Result<GocryptfsConf> parse_gocryptfs_conf(std::string_view text) {
  GocryptfsConf conf;
  auto object = StrictObject::parse(
      text, "gocryptfs.conf",
      {.code = Code::refused, .max_bytes = kMaxGocryptfsConf, .max_values = 64});
  (void)object.string("Creator");  // for people
  expect(object, "Version", kConfVersion);
  check_flags(object);
  const std::string key =
      bytes_in(object, "EncryptedKey", conf.wrapped_key.size(), conf.wrapped_key.size());
  StrictObject scrypt = object.object("ScryptObject");
  SG_CHECK(object.finish());
  SG_CHECK(take_scrypt(std::move(scrypt), conf));
  std::ranges::copy(as_bytes(key), conf.wrapped_key.begin());
  return conf;
}

}  // namespace sifguard
