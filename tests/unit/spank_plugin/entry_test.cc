// What Slurm's loader finds in the plugin.
#include <gtest/gtest.h>

#include "tests/unit/spank_plugin/fake_spank.h"

namespace {

TEST(Entry, IsASpankPluginOfTheRunningSlurm) {
  EXPECT_STREQ(plugin_name, "sifguard");
  EXPECT_STREQ(plugin_type, "spank");
  EXPECT_EQ(plugin_version, static_cast<unsigned>(SLURM_VERSION_NUMBER));
}

}  // namespace
