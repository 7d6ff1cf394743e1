#include "keystore/doctor/slurm_version.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

TEST(SlurmVersion, ReadsWhatSrunPrints) {
  // Debian 12 and 13 print this; the sources print "slurm".
  const auto old = parse_slurm_version("slurm-wlm 22.05.8\n");
  ASSERT_TRUE(old);
  EXPECT_EQ(old->text(), "22.05.8");
  EXPECT_EQ(parse_slurm_version("slurm-wlm 24.11.5\n")->release(), "24.11");
  EXPECT_EQ(parse_slurm_version("slurm 25.05.10")->text(), "25.05.10");
  EXPECT_EQ(parse_slurm_version("slurm 26.05.4-anything\n")->micro, 4);
}

TEST(SlurmVersion, RefusesWhatItDoesNotKnow) {
  for (const char* text :
       {"", "slurm", "slurm ", "slurm 24", "slurm 24.11", "slurm 24.11.", "slurm 24.11.x",
        "slurm 24.13.1", "slurm 24.00.1", "slurm 124.11.1", "slurm -24.11.1", "slurm x.11.1",
        "\nslurm 24.11.5", "srun: error: 24.11.5", "slurmctld 24.11.5", "xslurm 24.11.5",
        "slurm 24.99999999999.1", "m-wlm 24.11.5", "slurm  24.11.5"}) {
    EXPECT_FALSE(parse_slurm_version(text)) << text;
  }
}

TEST(SlurmRelease, IsTheMarkAlone) {
  EXPECT_EQ(parse_slurm_release("24.11")->release(), "24.11");
  EXPECT_EQ(parse_slurm_release("26.05")->text(), "26.05.0");
  for (const char* text : {"", "24", "24.", "24.11.5", "24.11 ", " 24.11", "a.b", "24.13"}) {
    EXPECT_FALSE(parse_slurm_release(text)) << text;
  }
}

TEST(FixedIn, NamesWhereToGo) {
  const auto fixed = [](const char* text) { return fixed_in(*parse_slurm_version(text)); };
  EXPECT_EQ(fixed("slurm-wlm 22.05.8"), "25.05.9");
  EXPECT_EQ(fixed("slurm-wlm 24.11.5"), "25.05.9");
  EXPECT_EQ(fixed("slurm 25.05.8"), "25.05.9");
  EXPECT_EQ(fixed("slurm 25.05.9"), "");
  EXPECT_EQ(fixed("slurm 25.05.10"), "");
  EXPECT_EQ(fixed("slurm 25.11.0"), "25.11.8");
  EXPECT_EQ(fixed("slurm 25.11.7"), "25.11.8");
  EXPECT_EQ(fixed("slurm 25.11.8"), "");
  EXPECT_EQ(fixed("slurm 26.05.3"), "26.05.4");
  EXPECT_EQ(fixed("slurm 26.05.4"), "");
  EXPECT_EQ(fixed("slurm 26.11.0"), "");
  EXPECT_EQ(fixed("slurm 30.05.0"), "");
}

}  // namespace
}  // namespace sifguard
