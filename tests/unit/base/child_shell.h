// Children that are shells, and what comes of them. Any privilege.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "keystore/base/child.h"

namespace sifguard::test {

constexpr std::int64_t kSecond = 1000;

inline ChildSpec shell(const std::string& script) {
  ChildSpec spec;
  spec.program = "/bin/sh";
  spec.argv = {"sh", "-c", script};
  return spec;
}

#define REQUIRE_ROOT() \
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root"

}  // namespace sifguard::test
