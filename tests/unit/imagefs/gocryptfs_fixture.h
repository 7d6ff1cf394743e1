// Files that gocryptfs made (data/README.md), and what they hold.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "helper/imagefs/gocryptfs_conf.h"
#include "helper/imagefs/gocryptfs_key.h"
#include "keystore/base/fd.h"
#include "tests/unit/base/temp_dir.h"
#include "tests/unit/crypto/tools.h"

namespace sifguard::test {

inline std::string imagefs_data(const std::string& name) {
  return read_file(std::string(SIFGUARD_SOURCE_DIR "/tests/unit/imagefs/data/") + name);
}

inline std::string gocryptfs_plain() {
  std::string plain;
  for (int i = 0; i < 4196; ++i) plain += static_cast<char>((i * 7 + i / 256) % 256);
  return plain;
}

inline SecretBytes gocryptfs_key() {
  const auto conf = parse_gocryptfs_conf(imagefs_data("gocryptfs.conf"));
  EXPECT_TRUE(conf) << conf.error().line();
  auto key = gocryptfs_content_key(*conf, secret("password"));
  EXPECT_TRUE(key) << key.error().line();
  return *std::move(key);
}

}  // namespace sifguard::test
