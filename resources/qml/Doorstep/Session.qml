pragma Singleton

import QtQuick
import Doorstep.ViewModels

// What controls deep in a screen share with the window: the preview and the keyboard. Set by Main.qml.
QtObject {
    property LiveFrames live: null
    property KeyboardModel keyboard: null

    signal keyboardAsked
}
