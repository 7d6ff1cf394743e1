#include "keystore/doctor/runtime_holes.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

// Lines of `apptainer buildcfg`, from Debian's apptainer 1.4.5.
constexpr const char* kBuildcfg =
    "PACKAGE_NAME=apptainer\n"
    "PACKAGE_VERSION=1.4.5\n"
    "PREFIX=/usr\n"
    "LIBEXECDIR=/usr/lib/x86_64-linux-gnu\n"
    "SYSCONFDIR=/etc\n"
    "APPTAINER_CONFDIR=/etc/apptainer\n"
    "SESSIONDIR=/var/lib/apptainer/mnt/session\n"
    "PLUGIN_ROOTDIR=/usr/lib/x86_64-linux-gnu/apptainer/plugin\n"
    "APPTAINER_CONF_FILE=/etc/apptainer/apptainer.conf\n"
    "APPTAINER_SUID_INSTALL=0\n";

// Lines of the apptainer.conf that this package installs.
constexpr const char* kShipped =
    "# ALLOW SETUID: [BOOL]\n"
    "allow setuid = yes\n"
    "# The 'limit container' and 'allow container' directives are not effective if\n"
    "# LIMIT CONTAINER OWNERS: [STRING]\n"
    "# DEFAULT: NULL\n"
    "#limit container owners = gmk, apptainer, nobody\n"
    "#limit container groups = group1, apptainer, nobody\n"
    "# LIMIT CONTAINER PATHS: [STRING]\n"
    "#limit container paths = /scratch, /tmp, /global\n";

// The starter of a set-user-ID installation (a package of its own), below LIBEXECDIR.
constexpr const char* kStarter = "/usr/lib/x86_64-linux-gnu/apptainer/bin/starter-suid";

RuntimeHost host_with(const char* version, const std::string& configuration = kShipped) {
  RuntimeHost host;
  host.version = *parse_runtime_version(version);
  host.configuration_file = "/etc/apptainer/apptainer.conf";
  host.configuration = configuration;
  host.ecl_file = "/etc/apptainer/ecl.toml";
  host.has_ecl = true;
  host.ecl = "activated = false\n";
  return host;
}

std::vector<Finding> found(const RuntimeHost& host) {
  Findings findings;
  findings.begin("runtime");
  tell_runtime_holes(host, findings);
  return findings.all();
}

TEST(RuntimePlaces, AreWhatBuildcfgSays) {
  const RuntimePlaces places = parse_buildcfg(kBuildcfg);
  EXPECT_EQ(places.configuration, "/etc/apptainer");
  EXPECT_EQ(places.libexec, "/usr/lib/x86_64-linux-gnu");
  EXPECT_EQ(parse_buildcfg("SINGULARITY_CONFDIR=/etc/singularity").configuration,
            "/etc/singularity");
}

TEST(RuntimePlaces, AreEmptyWhereNothingAbsoluteIsSaid) {
  for (const char* text : {"", "APPTAINER_CONFDIR", "APPTAINER_CONFDIR=", "APPTAINER_CONFDIR=etc",
                           " APPTAINER_CONFDIR=/etc", "XAPPTAINER_CONFDIR=/etc",
                           "Error for command \"buildcfg\": unknown command"}) {
    EXPECT_EQ(parse_buildcfg(text).configuration, "") << text;
    EXPECT_EQ(parse_buildcfg(text).libexec, "") << text;
  }
}

TEST(Directive, IsNoComment) {
  EXPECT_EQ(directive(kShipped, "allow setuid"), "yes");
  EXPECT_EQ(directive(kShipped, "limit container paths"), "");
  EXPECT_EQ(directive("limit container paths = /a, /b # c\n", "limit container paths"), "/a, /b");
  EXPECT_EQ(directive("a = 1\na=2", "a"), "2");
  for (const char* text : {"", "a", "= 1", "ab = 1", "# a = 1", "b = a = 1"}) {
    EXPECT_EQ(directive(text, "a"), "") << text;
  }
}

TEST(Ecl, IsActivatedByOneLine) {
  EXPECT_TRUE(is_ecl_activated("# comment\nactivated = true\n[[execgroup]]\n"));
  EXPECT_TRUE(is_ecl_activated("activated=true # yes"));
  for (const char* text : {"", "activated = false", "# activated = true", "activated = \"true\"",
                           "[[execgroup]]\nactivated = true", "activatedx = true"}) {
    EXPECT_FALSE(is_ecl_activated(text)) << text;
  }
}

TEST(RuntimeHoles, NoneAreFoundWhereNothingIsReliedOn) {
  for (const char* version : {"apptainer version 1.2.0", "apptainer version 1.4.5-1",
                              "singularity-ce version 4.1.0", "singularity-ce version 4.5.1"}) {
    RuntimeHost host = host_with(version);
    host.users_make_namespaces = true;
    EXPECT_TRUE(found(host).empty()) << version;
    host.setuid_starter = kStarter;
    EXPECT_TRUE(found(host).empty()) << version;
    host.enforces = true;
    host.setuid_starter.clear();
    EXPECT_TRUE(found(host).empty()) << version;
  }
}

TEST(RuntimeHoles, EclHasNoEffectWhereUsersMakeNamespaces) {
  RuntimeHost host = host_with("apptainer version 1.5.3");
  host.ecl = "activated = true\n";
  host.setuid_starter = kStarter;
  EXPECT_TRUE(found(host).empty());
  host.users_make_namespaces = true;
  ASSERT_EQ(found(host).size(), 1U);
  EXPECT_NE(found(host)[0].what.find(
                "ecl.toml is set, but has no effect: users can make user namespaces"),
            std::string::npos);
  EXPECT_NE(found(host)[0].remedy.find("user.max_user_namespaces = 0"), std::string::npos);
  EXPECT_EQ(found(host)[0].severity, Severity::warning);
  host.has_ecl = false;
  EXPECT_TRUE(found(host).empty());
}

TEST(RuntimeHoles, LimitsHaveNoEffectWithoutASetuidStarter) {
  RuntimeHost host = host_with("apptainer version 1.5.3", "limit container owners = root\n");
  ASSERT_EQ(found(host).size(), 1U);
  EXPECT_NE(found(host)[0].what.find(
                "'limit container owners' is set, but has no effect: the runtime has no"),
            std::string::npos);
}

TEST(RuntimeHoles, PathsAreLettersBeforeTheFix) {
  const char* const limited = "limit container paths = /run/sifguard/job/image\n";
  const auto prefixes = [&](const char* version) {
    RuntimeHost host = host_with(version, limited);
    host.setuid_starter = kStarter;
    const auto all = found(host);
    return all.empty() ? std::string() : all[0].what;
  };
  EXPECT_NE(prefixes("apptainer version 1.4.5").find("CVE-2026-48785"), std::string::npos);
  EXPECT_NE(prefixes("apptainer version 1.5.0").find("CVE-2026-48785"), std::string::npos);
  EXPECT_EQ(prefixes("apptainer version 1.5.1"), "");
  EXPECT_EQ(prefixes("apptainer version 2.0.0"), "");
  EXPECT_NE(prefixes("singularity-ce version 4.4.1").find("CVE-2026-47215"), std::string::npos);
  EXPECT_EQ(prefixes("singularity-ce version 4.5.0"), "");
  RuntimeHost none = host_with("apptainer version 1.4.5", "limit container paths = NULL\n");
  EXPECT_TRUE(found(none).empty());
}

TEST(RuntimeHoles, SingularityRefusesAllWithoutEcl) {
  RuntimeHost host = host_with("singularity-ce version 4.5.1");
  host.has_ecl = false;
  ASSERT_EQ(found(host).size(), 1U);
  EXPECT_EQ(found(host)[0].severity, Severity::problem);
  EXPECT_NE(found(host)[0].remedy.find("activated = false"), std::string::npos);
  host.version = *parse_runtime_version("singularity-ce version 4.4.1");
  EXPECT_TRUE(found(host).empty());
  host.version = *parse_runtime_version("apptainer version 4.5.1");
  EXPECT_TRUE(found(host).empty());
}

TEST(RuntimeHoles, ASetuidStarterLeavesWhatIsEnforced) {
  RuntimeHost host = host_with("apptainer version 1.5.3");
  host.setuid_starter = kStarter;
  host.enforces = true;
  ASSERT_EQ(found(host).size(), 1U);
  EXPECT_EQ(found(host)[0].where, kStarter);
  EXPECT_NE(found(host)[0].remedy.find("limit container paths = /run/sifguard/job/image"),
            std::string::npos);
  for (const char* other : {"/run/sifguard/job/image, /tmp", "/run/sifguard", "/tmp", "NULL"}) {
    host.configuration = std::string("limit container paths = ") + other + "\n";
    EXPECT_FALSE(found(host).empty()) << other;
  }
  host.configuration = "limit container paths = /run/sifguard/job/image\n";
  EXPECT_TRUE(found(host).empty());
}

}  // namespace
}  // namespace sifguard
