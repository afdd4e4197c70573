#!/usr/bin/python3 -W ignore
"""drag-source.py FILE...: a window of another program, from which these files can be dragged.  Tests of ui."""
import sys

import gi

gi.require_version("Gdk", "4.0")
gi.require_version("Gtk", "4.0")
from gi.repository import Gdk, Gio, GLib, Gtk


def activate(app):
    window = Gtk.ApplicationWindow(application=app, title="Drag Source", default_width=160, default_height=120)
    source = Gtk.DragSource()
    uris = "".join(Gio.File.new_for_path(name).get_uri() + "\r\n" for name in sys.argv[1:])
    source.set_content(Gdk.ContentProvider.new_for_bytes("text/uri-list", GLib.Bytes.new(uris.encode())))
    label = Gtk.Label(label="Drag me", hexpand=True, vexpand=True)
    label.add_controller(source)
    window.set_child(label)
    window.present()


app = Gtk.Application(application_id="io.github.tacet.DragSource", flags=Gio.ApplicationFlags.NON_UNIQUE)
app.connect("activate", activate)
app.run([])
