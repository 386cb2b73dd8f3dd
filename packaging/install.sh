#!/bin/sh
# Installs a real station (no demo) on Debian 12 for one user; the station starts when that user logs in.
#
#   sudo sh packaging/install.sh USER
#
# Puts the program under /opt/doorstep, settings into /etc/doorstep (kept when they are there), data into
# /var/lib/doorstep, the command `kiosk` into /usr/local/bin. Run it again to bring a newer version; nothing is lost.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/setup.sh"
user=${1:-}
[ -n "$user" ] || { say "usage: sh packaging/install.sh USER"; exit 2; }
[ "$(id -u)" -eq 0 ] || { say "root is needed: run it with sudo"; exit 1; }
id "$user" >/dev/null 2>&1 || { say "no user named $user here; make one first: adduser $user"; exit 1; }

# shellcheck disable=SC2086
setup_system $RUN_PACKAGES pcscd
say "copying the program to /opt/doorstep"
mkdir -p /opt/doorstep
for part in kiosk drivers resources packaging pyproject.toml README.md; do
    rm -rf "/opt/doorstep/$part.new"
    cp -R "$here/../$part" "/opt/doorstep/$part.new"
    rm -rf "/opt/doorstep/$part"
    mv "/opt/doorstep/$part.new" "/opt/doorstep/$part"
done
find /opt/doorstep/kiosk /opt/doorstep/drivers /opt/doorstep/resources -name __pycache__ -type d -prune -exec rm -rf {} +
setup_python /opt/doorstep/.venv "$here/requirements/station.txt"
# These Qt modules are GPL or commercial only; the wheel carries them, the station does not use them.
qt=$(/opt/doorstep/.venv/bin/python -c 'import PySide6, pathlib; print(pathlib.Path(PySide6.__file__).parent)')
for module in VirtualKeyboard Quick3D Charts Graphs DataVisualization QuickTimeline Lottie HttpServer NetworkAuth; do
    find "$qt" \( -name "libQt6$module*" -o -name "Qt$module*.so" -o -name "Qt$module.pyi" -o -name "*q*${module}plugin*.so" \) \
        -exec rm -f {} +
done
rm -rf "$qt/Qt/qml/QtQuick/VirtualKeyboard" "$qt/Qt/qml/QtQuick3D" "$qt/Qt/qml/QtQuick/Timeline"
rm -f "$qt"/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so
/opt/doorstep/.venv/bin/python -m compileall -q /opt/doorstep/kiosk /opt/doorstep/drivers

cat > /usr/local/bin/kiosk <<'LAUNCHER'
#!/bin/sh
export PYTHONPATH=/opt/doorstep
exec /opt/doorstep/.venv/bin/python -m kiosk "$@"
LAUNCHER
chmod 755 /usr/local/bin/kiosk

group=$(id -gn "$user")
# The set-up of devices on the screen writes station.toml anew and keeps the old one beside it.
install -d -m 770 -o root -g "$group" /etc/doorstep
[ -f /etc/doorstep/station.toml ] || install -m 660 -o root -g "$group" "$here/station.toml.example" /etc/doorstep/station.toml
install -d -m 700 -o "$user" -g "$group" /var/lib/doorstep
for access in dialout video lp plugdev input; do
    getent group "$access" >/dev/null && adduser --quiet "$user" "$access"
done
mkdir -p /etc/udev/rules.d
# A USB printer is opened as a raw device; only members of lp may.
printf '%s\n' 'SUBSYSTEM=="usb", ATTR{bInterfaceClass}=="07", GROUP="lp", MODE="0660"' \
    'SUBSYSTEM=="usb", ENV{ID_USB_INTERFACES}=="*:0701*:*", GROUP="lp", MODE="0660"' > /etc/udev/rules.d/70-doorstep.rules
if command -v udevadm >/dev/null; then udevadm control --reload 2>/dev/null || true; fi
if command -v systemctl >/dev/null; then systemctl enable --now pcscd.socket 2>/dev/null || true; fi

home=$(getent passwd "$user" | cut -d: -f6)
install -d -o "$user" -g "$group" "$home/.config" "$home/.config/autostart"
cat > "$home/.config/autostart/doorstep.desktop" <<'ENTRY'
[Desktop Entry]
Type=Application
Name=Doorstep
Name[zh_CN]=家门口服务站
Exec=/bin/sh /opt/doorstep/packaging/station.sh
X-GNOME-Autostart-enabled=true
ENTRY
chown "$user:$group" "$home/.config/autostart/doorstep.desktop"

say "installed. Next:"
say "  1. edit /etc/doorstep/station.toml"
say "  2. put the station's token into /etc/doorstep/centre-token (given by: kiosk centre add-station)"
say "  3. check: sudo -u $user kiosk selftest"
say "  4. log in as $user; the first start asks for the administrator's account"
